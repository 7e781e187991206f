import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Classifier, LoadOptions } from '@pilotjs/classifier'
import { classifierFrom } from '@pilotjs/classifier'
import type { Dataset, ImageSource, RgbImage } from '@pilotjs/data'
import type { OpenLearner, Registry } from '@pilotjs/experiment'
import { openLearner, registerBackbones } from '@pilotjs/experiment'
import { resolveBackbone } from '@pilotjs/hub'
import { registryOf } from '../registry'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'
import { runFolders } from './run-folders'

/** Images of each class that calibrate. */
const perClass = 10

/** `pilot classifier RUN FILE`: the learner that a run saved, as a classifier for programs and pages. */
export async function classifier(path: string, file: string, terminal: Terminal): Promise<void> {
  const { cwd, signal } = terminal
  const [folder, ...more] = await runFolders(path, cwd)
  if (more.length > 0)
    throw new UsageError(
      `${path} holds ${more.length + 1} runs: name one of them, such as ${path}/${basename(folder!)}`,
    )
  const opened = await openLearner(folder!, { cwd, signal, registry: registryOf(cwd) })
  try {
    const dataset = await opened.dataset().catch((error: Error) => {
      terminal.err(
        `${error.message}\nwithout the data of the run, probabilities are not calibrated, and a method that rehearses cannot learn on`,
      )
      return undefined
    })
    const made = await classifierOf(opened, dataset)
    try {
      await made.save(resolve(cwd, file))
      const { heldOut } = made.calibration
      const calibrated = heldOut > 0 ? `, calibrated on ${heldOut} test images` : ''
      terminal.out(`${file}: ${made.classes.length} classes, ${made.method} on ${made.backbone}${calibrated}`)
    } finally {
      made.dispose()
    }
  } finally {
    await opened.close()
  }
}

async function classifierOf(opened: OpenLearner, dataset: Dataset | undefined): Promise<Classifier> {
  const { learner, method, backbone, plan, classNames, run, transforms } = opened
  const { mean, std } = transforms
  const train = dataset && positionsByKey(dataset.train)
  const known = new Set(classNames.slice(0, run.records.at(-1)?.classesAfter))
  return classifierFrom({
    learner,
    method,
    backbone,
    plan,
    seed: run.config.seed,
    classes: [...known],
    tasks: run.records.length,
    preprocessing: { ...backbone.preprocessing, mean: triple(mean), std: triple(std) },
    ...(dataset && { heldOut: await testImages(dataset, known) }),
    exemplar(key) {
      const position = train?.get(key)
      return position === undefined ? undefined : dataset!.train.read(position)
    },
  })
}

const triple = ([red = 0, green = 0, blue = 0]: readonly number[]) => [red, green, blue] as const

const positionsByKey = (source: ImageSource): Map<string, number> =>
  new Map(Array.from({ length: source.length }, (_, position) => [source.key(position), position]))

/** Some test images of each class, by name. */
async function testImages(
  { test, classNames }: Dataset,
  known: ReadonlySet<string>,
): Promise<Record<string, RgbImage[]>> {
  const images: Record<string, RgbImage[]> = {}
  for (const [position, label] of test.labels.entries()) {
    const name = classNames[label]!
    const own = known.has(name) ? (images[name] ??= []) : undefined
    if (own && own.length < perClass) own.push(await test.read(position))
  }
  return images
}

/**
 * How a classifier's method and backbone are found by their names. @param given a name or a file that stands in for the
 * backbone's name
 */
export const findersOf = (registry: Registry, cwd: string, given?: string): LoadOptions => ({
  methods: async (name) => (await registry.load('method', name)).value,
  backbones: async (name) => {
    await registerBackbones(registry)
    const file = given === undefined ? undefined : resolve(cwd, given)
    return resolveBackbone(file !== undefined && existsSync(file) ? file : (given ?? name))
  },
})
