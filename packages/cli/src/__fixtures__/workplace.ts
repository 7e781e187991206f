import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { initVit } from '@pilotjs/core/backbones'
import { createRng } from '@pilotjs/core/random'
import { writeSafetensorsFile } from '@pilotjs/core/node'
import { dispose } from '@tensorflow/tfjs-core'
import sharp from 'sharp'
import { createColors } from 'picocolors'
import { main } from '../main'
import type { Terminal } from '../terminal/terminal'

/** A folder such as a user has: images, weights, and a package of somebody's with a method in it. */
export interface Workplace {
  readonly folder: string
  /** Runs in it as in a pipe, and keeps what was written. */
  terminal(signal?: AbortSignal): Terminal & { readonly written: { out: string; err: string } }
  /** Runs a command in it, as in a pipe. @returns its exit code, and what it wrote */
  pilot(...words: string[]): Promise<{ code: number; out: string; err: string }>
  remove(): Promise<void>
}

const cache = join(fileURLToPath(new URL('../..', import.meta.url)), 'node_modules', '.cache')
const COLOURS = ['#c02020', '#20a040', '#2040c0', '#c0a020']
const CLASSES = ['red', 'green', 'blue', 'yellow']

/** Inside this package's node_modules, so that the method in it finds TensorFlow.js as an installed one would. */
export async function makeWorkplace(): Promise<Workplace> {
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'workplace-'))
  await Promise.all([makeImages(folder), makeMethod(folder), makeWeights(folder)])
  const terminal: Workplace['terminal'] = (signal = new AbortController().signal) => {
    const written = { out: '', err: '' }
    return {
      written,
      out: (text) => void (written.out += `${text}\n`),
      err: (text) => void (written.err += `${text}\n`),
      live: false,
      columns: 100,
      rows: 24,
      colors: createColors(false),
      cwd: folder,
      program: 'pilot',
      signal,
    }
  }
  return {
    folder,
    terminal,
    async pilot(...words) {
      const own = terminal()
      const code = await main(words, own)
      return { code, ...own.written }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Four classes of plain colours, 16 px. */
async function makeImages(folder: string): Promise<void> {
  for (const [split, count] of [
    ['train', 4],
    ['test', 2],
  ] as const)
    for (const [c, name] of CLASSES.entries()) {
      const own = join(folder, 'colours', split, name)
      await mkdir(own, { recursive: true })
      for (let i = 0; i < count; i++)
        await sharp({ create: { width: 16, height: 16, channels: 3, background: COLOURS[c]! } })
          .modulate({ brightness: 0.8 + 0.1 * i })
          .png()
          .toFile(join(own, `${split}-${i}.png`))
    }
}

async function makeWeights(folder: string): Promise<void> {
  const config = { imageSize: 16, patchSize: 8, width: 64, depth: 1, heads: 1 }
  const tensors = initVit(config, createRng(1))
  await writeSafetensorsFile(join(folder, 'tiny.safetensors'), tensors)
  dispose(tensors)
}

/** `@someone/means`: class means of frozen features, written as somebody would who knows nothing of this repository. */
const makeMethod = (folder: string) =>
  installMethod(folder, { name: '@someone/means', method: 'means', version: '2.1.0', source: METHOD })

/** Puts a method's package where npm would: `source` is its only module. */
export async function installMethod(
  folder: string,
  { name, method, version = '1.0.0', source }: { name: string; method: string; version?: string; source: string },
): Promise<void> {
  const own = join(folder, 'node_modules', ...name.split('/'))
  await mkdir(own, { recursive: true })
  const manifest = { name, version, type: 'module', exports: './index.js', pilotjs: { method } }
  await writeFile(join(own, 'package.json'), JSON.stringify(manifest))
  await writeFile(join(own, 'index.js'), source)
}

const METHOD = `
import * as tf from '@tensorflow/tfjs-core'
import { defineMethod } from '@pilotjs/core'
import * as z from 'zod'
const NAME = 'means'
export default defineMethod({
  name: NAME,
  family: 'prototype',
  paper: { title: 'Means', venue: 'nowhere', url: 'https://example.org' },
  options: z.object({
    scale: z.number().positive().default(1).describe('of the scores'),
    fail: z.int().nullable().default(null).describe('the task to fail in'),
  }),
  pilot: { modelNames: ['means_pilot'], keys: { temperature: 'scale', tuned_epoch: { ignored: 'nothing trains' } } },
  create({ backbone, options }) {
    let means = tf.zeros([0, backbone.width])
    const extractor = { id: () => backbone.fingerprint(), width: backbone.width, apply: (images) => backbone.features(images) }
    const score = (features) => tf.mul(tf.matMul(features, means, false, true), options.scale)
    return {
      async learn(task, context) {
        if (options.fail === task.index) throw new Error('asked to fail in task ' + task.index)
        const features = await context.features.extract(task.train, extractor)
        const rows = task.classes.map((c) => tf.tidy(() => tf.mean(tf.gather(features, [...task.train.labels.keys()].filter((i) => task.train.labels[i] === c)), 0, true)))
        const grown = tf.concat([means, ...rows], 0)
        tf.dispose([features, means, ...rows])
        means = grown
      },
      extractor,
      readings: { head: score },
      score: (images) => tf.tidy(() => score(extractor.apply(images))),
      state: () => ({ tensors: { means }, json: {} }),
      restore({ tensors }) { means.dispose(); means = tf.clone(tensors.means) },
      dispose() { means.dispose() },
    }
  },
})
`
