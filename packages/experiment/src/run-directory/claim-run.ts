import { refusalOf } from '@pilotjs/core/node'
import { ExperimentError, messageOf } from '../experiment-error'
import { lock } from './lock'
import type { WritingPlace } from './writing-place'
import { fencedPlace, sharedPlace } from './writing-place'

export interface ClaimOptions {
  /**
   * For work that is given out again when a machine falls silent: a number that whoever gives it out counts up. A higher one
   * takes a run over from a lower one, whose process cannot write to it any more, even if it lives.
   */
  readonly fence?: number
}

/** A run's folder that is this process's to write to. */
export interface Claim {
  readonly place: WritingPlace
  release(): Promise<void>
}

/** @param make makes the folder where that is due @throws ExperimentError where it cannot be had */
export async function claimed(folder: string, fence: number | undefined, make: () => Promise<unknown>): Promise<Claim> {
  try {
    await make()
    const unlock = await lock(folder, fence)
    try {
      const place = await (fence === undefined ? sharedPlace(folder) : fencedPlace(folder, fence))
      return {
        place,
        async release() {
          await place.close().catch(() => undefined)
          await unlock()
        },
      }
    } catch (error) {
      await unlock()
      throw error
    }
  } catch (error) {
    throw notWritable(error, folder)
  }
}

export const notWritable = (error: unknown, folder: string) =>
  error instanceof ExperimentError
    ? error
    : new ExperimentError('folder-not-writable', { folder }, `cannot write to ${folder}: ${fileReason(error)}`, {
        cause: error,
      })

/** Why a file cannot be written, in words. */
export const fileReason = (error: unknown) => refusalOf(error) ?? messageOf(error)
