import { existsSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunMetrics } from '@pilotjs/experiment'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Workplace } from './__fixtures__/workplace'
import { installMethod, makeWorkplace } from './__fixtures__/workplace'
import { main } from './main'

let place: Workplace
beforeAll(async () => {
  place = await makeWorkplace()
  // The same classes as a folder without a split, and as two domains of them.
  const train = join(place.folder, 'colours', 'train')
  await cp(train, join(place.folder, 'flat'), { recursive: true })
  for (const domain of ['photos', 'sketches'])
    for (const name of ['red', 'blue'])
      await cp(join(train, name), join(place.folder, 'styles', domain, name), { recursive: true })
  // One folder of each in common, two of their own: classes or domains?
  for (const [outer, inner] of [
    ['a', 'red'],
    ['a', 'green'],
    ['a', 'yellow'],
    ['b', 'red'],
    ['b', 'blue'],
  ] as const)
    await cp(join(train, inner), join(place.folder, 'either', outer, inner), { recursive: true })
  await makeSums(place.folder)
})
afterAll(() => place.remove())

const weights = ['--backbone', 'tiny.safetensors', '--engine', 'cpu']
const pilot = (...words: string[]) => place.pilot(...words, ...weights)
const savedIn = async <T>(run: string, file: string) =>
  JSON.parse(await readFile(join(place.folder, run, file), 'utf8')) as T
const tasksOf = async (run: string) =>
  (await savedIn<RunMetrics>(run, 'metrics.json')).tasks.map(({ trainImages, testImages }) => [trainImages, testImages])

it('asks for a split where a folder has none, and says what it came to', async () => {
  const without = await pilot('run', 'means', '--data', 'flat', '--increment', '2', '--out', 'no')
  expect(without).toMatchObject({ code: 2, err: expect.stringContaining('--split 0.2') as string })
  expect(without.err).not.toContain('option split')
  expect(existsSync(join(place.folder, 'no'))).toBe(false)
  const { code, err } = await pilot(
    'run',
    'means',
    '--data',
    'flat',
    '--increment',
    '2',
    '--split',
    '0.25',
    '--out',
    'flat-run',
  )
  expect([code, err]).toEqual([
    0,
    expect.stringContaining('12 training and 4 test images; split by seed 1993, 25 % to test with'),
  ])
  expect(await tasksOf('flat-run')).toEqual([
    [6, 2],
    [6, 4],
  ])
  const split = await pilot('run', 'means', '--data', 'colours', '--increment', '2', '--split', '0.25', '--out', 'no')
  expect(split).toMatchObject({ code: 2, err: expect.stringContaining('leave --split away') as string })
})

it('takes domains of classes one after the other, in the order given', async () => {
  const domains = ['--scenario', 'domain-incremental', '--split', '0.5', '--domains', 'sketches,photos']
  const { code, err } = await pilot('run', 'sums', '--data', 'styles', ...domains, '--out', 'styles-run')
  expect([code, err]).toEqual([0, expect.stringContaining('2 classes in 2 domains')])
  expect(await tasksOf('styles-run')).toEqual([
    [4, 4],
    [4, 8],
  ])
  expect(await savedIn('styles-run', 'config.json')).toMatchObject({
    stream: { scenario: 'domain-incremental', domains: ['sketches', 'photos'] },
    data: { testFraction: 0.5 },
  })
  const misnamed = await pilot('run', 'sums', '--data', 'styles', ...domains.slice(0, -1), 'paintings', '--out', 'no')
  expect(misnamed).toMatchObject({ code: 2, err: expect.stringContaining('choose another --domains') as string })
})

it('asks what folders in folders stand for where it cannot know', async () => {
  const either = ['run', 'sums', '--data', 'either', '--split', '0.5', '--increment', '1']
  const unclear = await pilot(...either, '--out', 'no')
  expect(unclear).toMatchObject({ code: 2, err: expect.stringContaining('--kind classes or --kind domains') as string })
  const { code, err } = await pilot(...either, '--kind', 'classes', '--orientation', 'upright', '--out', 'classes')
  expect([code, err]).toEqual([0, expect.stringContaining('either: 2 classes, 10 training and 10 test images')])
  expect(await savedIn('classes', 'config.json')).toMatchObject({ data: { kind: 'classes', orientation: 'upright' } })
})

it('learns few shots, and classes that grow smaller, and says how many images that leaves', async () => {
  const shots = ['--scenario', 'few-shot', '--init-cls', '2', '--increment', '1', '--shots', '2']
  expect((await pilot('run', 'means', '--data', 'colours', ...shots, '--out', 'shots')).code).toBe(0)
  expect((await tasksOf('shots')).map(([train]) => train)).toEqual([8, 2, 2])
  const tail = ['--increment', '1', '--long-tailed', '0.25', '--tail', 'ordered']
  const { code, err } = await pilot('run', 'means', '--data', 'colours', ...tail, '--out', 'tail')
  expect([code, err]).toEqual([0, expect.stringContaining('colours: 8 training images are taken, 1 to 4 of a class')])
  expect((await tasksOf('tail')).map(([train]) => train)).toEqual([4, 2, 1, 1])
})

it('learns what comes in small batches, and classes that come back, where the method takes that', async () => {
  const online = ['--scenario', 'online', '--increment', '2', '--stream-batch', '2', '--evaluate-every', '2']
  const refused = await pilot('run', 'means', '--data', 'colours', ...online, '--out', 'no')
  expect(refused).toMatchObject({
    code: 2,
    err: expect.stringMatching(/task 2 brings known classes again\n.*another method/) as string,
  })
  expect(existsSync(join(place.folder, 'no'))).toBe(false)
  expect((await pilot('run', 'sums', '--data', 'colours', ...online, '--out', 'online')).code).toBe(0)
  expect((await tasksOf('online')).map(([train]) => train)).toEqual([4, 4, 4, 4])
  const blurry = ['--scenario', 'generalised', '--tasks', '2', '--blurry-share', '0.5', '--disjoint-share', '0']
  expect((await pilot('run', 'sums', '--data', 'colours', ...blurry, '--no-stochastic', '--out', 'blurry')).code).toBe(
    0,
  )
  const config = await savedIn<{ stream: object }>('blurry', 'config.json')
  expect(config.stream).toMatchObject({ tasks: 2, disjointShare: 0, blurryShare: 0.5, stochastic: false })
  // The same from the run's config, and from one of one's own; flags go before.
  expect((await pilot('run', 'blurry/config.json', '--out', 'again')).code).toBe(0)
  expect(await savedIn('again', 'metrics.json')).toMatchObject({
    tasks: (await savedIn<RunMetrics>('blurry', 'metrics.json')).tasks,
  })
  const own = { method: 'sums', data: { name: 'colours' }, stream: { scenario: 'online', increment: 4, batchSize: 5 } }
  await writeFile(join(place.folder, 'own.json'), JSON.stringify(own))
  expect((await pilot('run', 'own.json', '--evaluate-every', '3', '--out', 'own')).code).toBe(0)
  expect((await tasksOf('own')).map(([train]) => train)).toEqual([15, 1])
})

it('shows its flags by what they are about', async () => {
  const terminal = place.terminal()
  expect(await main(['run', '--help'], terminal)).toBe(0)
  expect(terminal.written.out).toMatch(/Data:\n[^]*--split[^]*Tasks:\n[^]*--shots[^]*Learning:\n[^]*--backbone/)
})

/** `sums`: class means that more images of a class move. */
async function makeSums(folder: string): Promise<void> {
  const source = `
import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { featuresOf } from '@pilotjs/core/features'
import { prototypeHead } from '@pilotjs/core/heads'
import * as z from 'zod'
export default defineMethod({
  name: 'sums',
  family: 'prototype',
  paper: { title: 'Sums', venue: 'nowhere', url: 'https://example.org' },
  options: z.object({}),
  accepts: { moreImages: true },
  create({ backbone, rng }) {
    const { extractor, width } = network({ backbone })
    const head = prototypeHead({ width, rng })
    const learn = async (task, context) => {
      head.grow(task.classesAfter)
      const features = await featuresOf(task.train, extractor, context)
      head.learn(features, task.train.labels)
      features.dispose()
    }
    return defineLearner({ head }, { learn, extractor, readings: { head: head.apply } })
  },
})
`
  await installMethod(folder, { name: 'sums', method: 'sums', source })
}
