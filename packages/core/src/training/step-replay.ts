import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { isRenewing, numbersDrawnOnce } from './renewed'

/** What an engine that can replay steps has. */
interface EngineReplays {
  call<R>(inputs: readonly Tensor[], key: string, run: () => R): R
  dispose(): void
}

/**
 * Training steps that an engine may record a few times and replay from then on, without calling what they are made of. So it is
 * seen what a step reads besides tensors: what is named (`note`) is part of the key that a recording holds for; where it reads
 * something else of its batch, or draws numbers otherwise than by `renewed`, its steps are never replayed.
 */
export interface StepReplay<B> {
  /** A step with a batch. @param take computes it; gets a batch that notes what is read of it */
  run(batch: B, take: (batch: B) => Scalar): Scalar
  /** To be called where a step reads what may change from step to step. */
  note(what: string): void
  dispose(): void
}

/** @param current what can be noted, as it is in the step at hand */
export function stepReplay<B extends object>(current: (what: string) => string | number): StepReplay<B> {
  const engine = tf.backend() as { replays?(): EngineReplays }
  let replays = engine.replays?.()
  const noted = new Set<string>()
  const stop = () => {
    replays?.dispose()
    replays = undefined
  }
  return {
    run(batch, take) {
      if (!replays) return take(batch)
      const inputs = tensorsOf(batch)
      const key = JSON.stringify([...noted].map((what) => [what, current(what)]))
      const drawn = numbersDrawnOnce()
      let differs = false
      const loss = replays.call(inputs, key, () => take(watched(batch, inputs, () => (differs = true))))
      if (differs || numbersDrawnOnce() !== drawn) stop()
      return loss
    },
    note(what) {
      if (!isRenewing()) noted.add(what)
    },
    dispose: stop,
  }
}

const tensorsOf = (batch: object): Tensor[] =>
  Object.values(batch).filter((value): value is Tensor => value instanceof tf.Tensor)

/** A batch that tells when something is read that is not among its tensors. */
function watched<B extends object>(batch: B, inputs: readonly Tensor[], tell: () => void): B {
  return new Proxy(batch, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (value !== undefined && !inputs.includes(value as Tensor)) tell()
      return value
    },
  })
}
