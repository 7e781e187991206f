import { join, relative, resolve } from 'node:path'
import type { SplitOptions } from '@pilotjs/data'
import { DataError } from '@pilotjs/data'
import { imageFolder } from '@pilotjs/data/node'
import type { Experiment, Settings } from '@pilotjs/experiment'
import { beginRun, createWorkbench, planRuns } from '@pilotjs/experiment'
import { demoImages, demoOptions, namesOfDemo, photoMethods, photoTestFraction } from '../demo/demo-methods'
import { registryOf } from '../registry'
import { command } from '../terminal/command-line'
import type { Terminal } from '../terminal/terminal'
import { finish } from './finish'
import type { OpenRun } from './run-all'
import { preparationRelay, runAll } from './run-all'
import { newRunFolder } from './run-folders'

export interface DemoFlags {
  readonly methods?: readonly string[]
  readonly out?: string
  readonly engine?: string
  /** Take all images, and the time that takes. */
  readonly full?: boolean
  /** A folder of one's own images, in place of the icons. */
  readonly photos?: string
}

/**
 * `pilot demo`: the installed methods on the embedded images with the embedded backbone, ten tasks of ten classes; or on a folder
 * of photos, with the backbone for those.
 */
export async function demo(flags: DemoFlags, terminal: Terminal): Promise<void> {
  const registry = registryOf(terminal.cwd)
  const found = await registry.list('method')
  const installed = found.map(({ name }) => name)
  const photos = flags.photos === undefined ? undefined : photoMethods
  const names = namesOfDemo(flags.methods, installed, photos)
  const data = flags.photos === undefined ? {} : await photoSettings(resolve(terminal.cwd, flags.photos))

  const out = flags.out
    ? resolve(terminal.cwd, flags.out)
    : newRunFolder(terminal.cwd, flags.photos ? 'demo-photos' : 'demo')
  const preparing = preparationRelay()
  const bench = createWorkbench({ registry, signal: terminal.signal, onPreparing: preparing.onPreparing })
  const runs: OpenRun[] = []
  try {
    for (const name of names) {
      const { loaded, configs } = await planRuns(
        name,
        {
          ...data,
          options: photos ? (photos[name] ?? {}) : demoOptions(name, { full: Boolean(flags.full) }),
          engine: flags.engine,
          ...(flags.full ? {} : { perClass: demoImages }),
        },
        { cwd: terminal.cwd, registry },
      )
      const config = configs[0]!
      const experiment = await bench.prepare(config, loaded.value)
      if (runs.length === 0) introduce(experiment, flags, terminal)
      runs.push({
        name,
        run: await beginRun(join(out, name), config, experiment, loaded),
        method: loaded,
        prepare: () => bench.prepare(config, loaded.value),
      })
    }
    terminal.err(`saved in ${relative(terminal.cwd, out) || out}\n`)
    await finish(await runAll(runs, terminal, preparing.attach), runs, out, terminal)
    const { dim } = terminal.colors
    if (flags.photos === undefined)
      terminal.err(dim(`your own images: ${command(terminal, 'demo', '--photos', 'FOLDER')}`))
    terminal.err(dim(`what there is: ${command(terminal, 'list', 'methods')}, ${command(terminal, '--help')}`))
  } finally {
    for (const { run } of runs) await run.release()
    await bench.close()
  }
}

/** The folder, with as many tasks as its classes allow, ten at most; part of each class to test with where it has no split. */
async function photoSettings(folder: string): Promise<Pick<Settings, 'data' | 'testFraction' | 'increment'>> {
  const read = async (split?: SplitOptions) => ({ split, ...(await imageFolder(folder, { check: 'none', split })) })
  const { split, classNames } = await read().catch((error: unknown) => {
    if (error instanceof DataError && error.code === 'no-split') return read({ testFraction: photoTestFraction })
    throw error
  })
  return { data: folder, testFraction: split?.testFraction, increment: Math.ceil(classNames.length / 10) }
}

function introduce({ stream, backbone, engine }: Experiment, flags: DemoFlags, { err, colors: c }: Terminal): void {
  const { tasks, plan, classNames } = stream
  const test = tasks.reduce((sum, _, task) => sum + stream.test(task).length, 0)
  const train = tasks.reduce((sum, task) => sum + task.train.length, 0)
  const what = flags.photos === undefined ? 'icons' : 'photos'
  const part = flags.full
    ? ''
    : flags.photos === undefined
      ? ', a part of icons-100 (all: --full)'
      : `, at most ${demoImages.train} and ${demoImages.test} a class (all: --full)`
  err(c.bold(`${plan.totalClasses} classes of ${what} come in ${tasks.length} tasks, ${plan.increment} at a time.`))
  err('Each method learns them in turn and is asked about all that have come so far: what does it still know?')
  err(
    c.dim(
      `${train} training and ${test} test images${part} · backbone ${backbone.name} · engine ${engine}\n` +
        `task 1: ${classNames.slice(0, plan.increment).join(', ')}`,
    ),
  )
}
