import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Result } from '@pilotjs/ledger'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HubServer } from '../../../hub/src/__fixtures__/hub-server'
import { startHubServer } from '../../../hub/src/__fixtures__/hub-server'
import type { Workplace } from '../__fixtures__/workplace'
import { makeWorkplace } from '../__fixtures__/workplace'

let place: Workplace
let hub: HubServer
beforeAll(async () => {
  place = await makeWorkplace()
  hub = await startHubServer({
    'model.safetensors': await readFile(join(place.folder, 'tiny.safetensors')),
    'config.json': Buffer.from(JSON.stringify({ architecture: 'vit_tiny_test', num_features: 64 })),
  })
  vi.stubEnv('HF_ENDPOINT', hub.endpoint)
  vi.stubEnv('PILOT_CACHE', join(place.folder, 'cache'))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await hub.close()
  await place.remove()
})

const pilot = (...words: string[]) => place.pilot(...words)

const onColours = ['colours', '--increment', '2', '--engine', 'cpu']
const readLedger = async (folder: string) => ({
  results: JSON.parse(await readFile(join(place.folder, folder, 'ledger.json'), 'utf8')) as Result[],
  page: await readFile(join(place.folder, folder, 'ledger.md'), 'utf8'),
})

/** A package with the workplace's method, which reads its scores in two ways. */
async function makeTwoReadings(): Promise<void> {
  const [from, to] = ['means', 'twice'].map((name) => join(place.folder, 'node_modules/@someone', name)) as [
    string,
    string,
  ]
  const code = await readFile(join(from, 'index.js'), 'utf8')
  const manifest = await readFile(join(from, 'package.json'), 'utf8')
  await mkdir(to)
  await writeFile(join(to, 'package.json'), manifest.replaceAll('means', 'twice'))
  const changed = code
    .replace("NAME = 'means'", "NAME = 'twice'")
    .replace('means_pilot', 'twice_pilot')
    .replace('readings: { head: score }', 'readings: { head: score, nearestMean: score }')
  await writeFile(join(to, 'index.js'), changed)
}

describe('pilot reproduce', () => {
  it('fills the row with weights from the Hub, as PILOT’s config has it', async () => {
    await mkdir(join(place.folder, 'docs'))
    const { code, out, err } = await pilot(
      ...[
        'reproduce',
        'simplecil',
        ...onColours,
        '--backbone',
        'hf:some/model',
        '--seed',
        '1993,1994',
        '--ledger',
        'docs',
      ],
    )
    expect([code, err]).toEqual([0, expect.stringContaining('ledger: docs/ledger.md')])
    expect(out).toMatch(/B0-Inc2 +hf:some\/model .* nothing to compare with/)
    expect(hub.requests).toContain('GET model.safetensors')
    const { results, page } = await readLedger('docs')
    expect(results).toMatchObject([
      { by: 'pilotjs', method: 'simplecil', data: 'colours', increment: 2, seeds: [1993, 1994], classOrder: 'seed' },
    ])
    expect(results[0]!.last).toHaveLength(2)
    expect(page).toContain('## colours')
  })

  it('takes every reading of a learner’s for a row of its own', async () => {
    await makeTwoReadings()
    await mkdir(join(place.folder, 'readings'))
    const { code, out } = await pilot(
      ...['reproduce', 'twice_pilot', ...onColours, '--backbone', 'tiny.safetensors', '--ledger', 'readings'],
    )
    expect(code).toBe(0)
    expect(out).toMatch(/^twice_pilot-nearest-mean +B0-Inc2/m)
    const { results } = await readLedger('readings')
    expect(results.map(({ method }) => method)).toEqual(['twice_pilot', 'twice_pilot-nearest-mean'])
  })

  it('judges by what PILOT reached on the same weights, keeps the other rows, and replaces its own', async () => {
    await mkdir(join(place.folder, 'judged'))
    const ledger = ['--ledger', 'judged', '--backbone', 'tiny.safetensors']
    await pilot('reproduce', 'simplecil', ...onColours, ...ledger)
    const [ours] = (await readLedger('judged')).results
    const pilots = { ...ours!, by: 'pilot', version: '2647455' }
    const better = { ...pilots, method: 'l2p', last: [ours!.last[0]! + 3] }
    await writeFile(join(place.folder, 'judged/ledger.json'), JSON.stringify([ours, pilots, better]))
    const { out } = await pilot('reproduce', 'simplecil', ...onColours, ...ledger)
    expect(out).toMatch(/\(run here, 2647455\) .* reproduced/)
    const { results } = await readLedger('judged')
    expect(results.map(({ by, method }) => `${by} ${method}`).sort()).toEqual([
      'pilot l2p',
      'pilot simplecil',
      'pilotjs simplecil',
    ])
  })

  it('names options that are not as in PILOT’s config, in a row of their own', async () => {
    await mkdir(join(place.folder, 'short'))
    const given = ['means_pilot', ...onColours, '--backbone', 'tiny.safetensors', '--ledger', 'short']
    await pilot('reproduce', ...given)
    const { code, out } = await pilot('reproduce', ...given, '--set', 'scale=2')
    expect(code).toBe(0)
    expect(out).toMatch(/, scale 2 /)
    const { results } = await readLedger('short')
    expect(results.map(({ options }) => options)).toEqual([{}, { scale: 2 }])
  })

  it('refuses, before anything is learned, a ledger that it cannot read', async () => {
    await mkdir(join(place.folder, 'broken'))
    await writeFile(join(place.folder, 'broken/ledger.json'), '[{ "by": "nobody" }]')
    const args = ['reproduce', 'simplecil', ...onColours, '--backbone', 'tiny.safetensors']
    expect(await pilot(...args, '--ledger', 'broken')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no ledger'),
    })
    expect(await pilot(...args, '--ledger', 'nowhere')).toMatchObject({
      code: 2,
      err: expect.stringContaining('nowhere'),
    })
  })
})
