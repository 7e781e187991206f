import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonValue } from '@pilotjs/core'
import type { LoggedKind } from '@pilotjs/eval'
import { flatConfig } from '../flat-config'
import { scalarsOf } from '../scalars'
import type { Tracker } from '../tracker'
import { scalarMessage, textMessage, versionMessage } from './event-message'
import { record } from './record'

export interface TensorboardOptions {
  /** The run's own folder; those beside it are other runs of the same `tensorboard --logdir`. */
  readonly folder: string
}

/** What our files end in: others in the folder are left alone. */
const OURS = '.pilotjs'

/** Writes TensorBoard's event files: a new one for the run, in place of one written earlier. */
export function tensorboardTracker({ folder }: TensorboardOptions): Tracker {
  const scalars = scalarsOf()
  let file: FileHandle | undefined

  const begin = async ({ at, config }: LoggedKind<'begun'>) => {
    await mkdir(folder, { recursive: true })
    for (const name of await readdir(folder)) if (name.endsWith(OURS)) await rm(join(folder, name))
    const seconds = String(Math.floor(at / 1000)).padStart(10, '0')
    file = await open(join(folder, `events.out.tfevents.${seconds}${OURS}`), 'w')
    await file.write(record(versionMessage(at)))
    await file.write(record(textMessage('config', table(config), at)))
  }

  return {
    name: `TensorBoard in ${folder}`,
    async take(event) {
      if (event.kind === 'begun') return begin(event)
      const found = scalars(event)
      if (found.length > 0) await file?.write(record(scalarMessage(found)))
    },
    async close() {
      await file?.close()
      file = undefined
    },
  }
}

const table = (config: Readonly<Record<string, JsonValue>>): string =>
  [
    '| option | value |',
    '| :--- | :--- |',
    ...Object.entries(flatConfig(config)).map((row) => `| ${row.map(cell).join(' | ')} |`),
  ].join('\n')

const cell = (value: string) => value.replace(/[|\\]/g, '\\$&').replace(/\s+/g, ' ')
