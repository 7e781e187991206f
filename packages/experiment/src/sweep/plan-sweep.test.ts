import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tinyRegistry } from '../__fixtures__/tiny-registry'
import { planSweep } from './plan-sweep'
import { readSweep } from './read-sweep'
import { parseSweep } from './sweep-settings'

let cwd = ''
beforeAll(async () => (cwd = await mkdtemp(join(tmpdir(), 'pilot-plan-sweep-'))))
afterAll(() => rm(cwd, { recursive: true }))

const plan = (written: object, most?: number) =>
  planSweep(parseSweep({ data: 'dots', backbone: 'tiny', ...written }, 'the sweep'), {
    cwd,
    registry: tinyRegistry(),
    most,
  })

describe('what is planned', () => {
  it('has a config and a label for each run', async () => {
    const { runs } = await plan({
      methods: ['simplecil', 'centred'],
      seeds: [1, 2],
      options: { 'centred.scale': [1, 2] },
    })
    expect(runs.map(({ label }) => label)).toEqual([
      'simplecil, seed 1',
      'simplecil, seed 2',
      'centred, scale=1, seed 1',
      'centred, scale=1, seed 2',
      'centred, scale=2, seed 1',
      'centred, scale=2, seed 2',
    ])
    expect(runs[5]!.config).toMatchObject({ method: 'centred', options: { scale: 2 }, seed: 2 })
  })

  it('reads JSON and YAML alike', async () => {
    const [json, yaml] = [join(cwd, 'sweep.json'), join(cwd, 'sweep.yaml')]
    await writeFile(json, '\uFEFF{"methods": "l2p", "options": {"l2p.poolSize": [10, 20]}}')
    await writeFile(yaml, 'methods: l2p\noptions:\n  l2p.poolSize: [10, 20]\n')
    expect(await readSweep('sweep.yaml', cwd)).toEqual(await readSweep(json, cwd))
    await writeFile(yaml, 'methods: [l2p')
    await expect(readSweep('sweep.yaml', cwd)).rejects.toThrow('sweep.yaml is not YAML')
    await writeFile(json, '{')
    await expect(readSweep(json, cwd)).rejects.toThrow('is not JSON')
    await expect(readSweep('no.yaml', cwd)).rejects.toThrow('there is no file no.yaml')
  })
})

describe('what cannot be planned', () => {
  it('names the one run of 300 with a misspelt option', async () => {
    const runs = Array.from({ length: 300 }, (_, i) => ({
      seeds: i,
      options: { [i === 217 ? 'scael' : 'scale']: i + 1 },
    }))
    await expect(plan({ methods: 'centred', runs })).rejects.toMatchObject({
      code: 'invalid-sweep',
      message: expect.stringMatching(
        /^1 of 300 settings cannot be run; nothing was begun:\n {2}centred: centred has no option "scael"; did you mean "scale"\?$/,
      ) as string,
    })
  })

  it('says once what is wrong with many', async () => {
    const wrong = { methods: ['simplecil', 'centred'], increment: [1, 2], options: { 'centered.scale': 3 } }
    const { message } = (await plan(wrong).catch((error: unknown) => error)) as Error
    expect(message).toContain('4 of 4 settings cannot be run')
    expect(message).toContain('simplecil, increment=1 (and 1 more): simplecil has no option "centered"')
    expect(message).toContain('(centered.scale is meant for one method? Did you mean "centred"?)')
  })

  it('refuses a million runs before it makes any', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => i + 1)
    await expect(plan({ methods: 'simplecil', seeds: many, increment: many })).rejects.toMatchObject({
      code: 'too-many-runs',
      message: 'this sweep asks for 1,000,000 runs, and 20,000 is the most: 1,000 increment × 1,000 seeds',
    })
    await expect(plan({ methods: 'simplecil', seeds: [1, 2, 3] }, 2)).rejects.toThrow('asks for 3 runs, and 2 is')
  })
})
