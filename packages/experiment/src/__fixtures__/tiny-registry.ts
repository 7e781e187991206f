import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { createVit, initVit } from '@pilotjs/core/backbones'
import { prototypeHead } from '@pilotjs/core/heads'
import { createRng } from '@pilotjs/core/random'
import { inMemoryDataset } from '@pilotjs/data'
import simplecil from '@pilotjs/simplecil'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'
import type { PackageKind, PackageKinds } from '../registry/package-kinds'
import type { Loaded, Registry } from '../registry/registry'

/** A method whose numbers depend on its seed and on every task before; it can be told to fail, and to take its time. */
const centred = defineMethod({
  name: 'centred',
  family: 'prototype',
  paper: { title: 'Centred', venue: 'nowhere', url: 'https://example.org' },
  options: z.object({
    scale: z.number().positive().default(1),
    fail: z.int().nullable().default(null),
    pause: z.number().default(0),
  }),
  create({ backbone, options, rng }) {
    const { extractor, width } = network({ backbone })
    const head = prototypeHead({ width, rng })
    return defineLearner(
      { head },
      {
        async learn(task, context) {
          if (options.fail === task.index) throw new Error(`asked to fail in task ${task.index}`)
          dieOnce(task.index)
          await new Promise((resolve) => setTimeout(resolve, options.pause))
          context.signal.throwIfAborted()
          head.grow(task.classesAfter)
          const features = await context.features.extract(task.train, extractor)
          const noise = context.rng.normals(features.size, 0, 0.01 * options.scale)
          const noisy = tf.add<tf.Tensor2D>(features, tf.tensor2d(noise, features.shape))
          head.learn(noisy, task.train.labels)
          features.dispose()
          noisy.dispose()
        },
        extractor,
        readings: { head: head.apply },
      },
    )
  },
})

/** As a full machine would end a process in its second task: once, which the file that the environment names remembers. */
function dieOnce(task: number): void {
  const remembered = process.env.TINY_DIE_ONCE
  if (task !== 1 || remembered === undefined || existsSync(remembered)) return
  writeFileSync(remembered, '')
  process.kill(process.pid, 'SIGKILL')
}

const CLASSES = ['a', 'b', 'c', 'd']
const SIDE = 16

/** Four classes of stripes, each at a height of its own. */
const images = (perClass: number) => ({
  pixels: Uint8Array.from({ length: CLASSES.length * perClass * SIDE * SIDE * 3 }, (_, i) => {
    const image = Math.floor(i / (SIDE * SIDE * 3))
    const row = Math.floor((i % (SIDE * SIDE * 3)) / (SIDE * 3))
    return (row < 4 * (image % CLASSES.length) ? 40 : 180) + ((i * 7 + image * 13) % 60)
  }),
  height: SIDE,
  width: SIDE,
  labels: Array.from({ length: CLASSES.length * perClass }, (_, i) => i % CLASSES.length),
})

const vit = { imageSize: SIDE, patchSize: 8, width: 64, depth: 1, heads: 1 }

const things: { [Kind in PackageKind]: PackageKinds[Kind][] } = {
  method: [simplecil, centred],
  backbone: [
    { name: 'tiny', load: () => Promise.resolve(createVit(vit, initVit(vit, createRng(1)), { name: 'tiny' })) },
  ],
  dataset: [
    {
      name: 'dots',
      load: () =>
        Promise.resolve(inMemoryDataset({ name: 'dots', classNames: CLASSES, train: images(3), test: images(2) })),
    },
  ],
}

/**
 * Two methods, a backbone and a data set, all in memory: what a child process and its parent can both have without anything
 * built.
 */
export function tinyRegistry(): Registry {
  const all = <Kind extends PackageKind>(kind: Kind): Loaded<Kind>[] =>
    things[kind].map((value) => ({
      kind,
      name: value.name,
      package: `@pilotjs/${value.name}`,
      version: '1.0.0',
      folder: fileURLToPath(new URL('.', import.meta.url)),
      bundled: true,
      value,
    }))
  const find = <Kind extends PackageKind>(kind: Kind, name: string): Promise<Loaded<Kind>> => {
    const found = all(kind).find((each) => each.name === name)
    return found ? Promise.resolve(found) : Promise.reject(new Error(`there is no ${kind} "${name}"`))
  }
  return {
    list: (kind) => Promise.resolve(all(kind)),
    shadowed: () => Promise.resolve([]),
    load: find,
    open: ({ kind, name }) => find(kind, name),
  }
}
