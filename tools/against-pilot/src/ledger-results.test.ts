import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { sharedBackbone } from './backbone'
import type { Outcome } from './job'
import { addToLedger, pilotResults } from './ledger-results'

const folder = await mkdtemp(join(tmpdir(), 'ledger-results-'))
afterAll(() => rm(folder, { recursive: true }))

const outcome: Outcome = {
  head: [90, 80],
  nearestMean: [],
  wallSeconds: 1,
  cpuSeconds: 1,
  startCpuSeconds: 1,
  peakBytes: 1,
  versions: {},
}

it('adds what PILOT reached, with what was changed of its config and not with how it was cut', async () => {
  const shipped = { model_name: 'l2p', tuned_epoch: 5, batch_size: 16, init_cls: 20, increment: 20, shuffle: true }
  const [result] = await pilotResults({
    method: 'l2p',
    data: 'icons-100',
    increment: 10,
    backbone: await sharedBackbone('vit-icons'),
    shipped,
    config: { ...shipped, tuned_epoch: 3, init_cls: 10, increment: 10 },
    pairs: [{ seed: 1993, pilot: outcome, pilotjs: outcome }],
    version: '2647455',
    date: new Date('2026-11-30T12:00:00Z'),
  })
  expect(result).toMatchObject({
    seeds: [1993],
    last: [80],
    average: [85],
    options: { tuned_epoch: 3 },
    date: '2026-11-30',
  })
  await writeFile(join(folder, 'ledger.json'), '[]')
  await addToLedger(folder, [result!])
  expect(await readFile(join(folder, 'ledger.md'), 'utf8')).toMatch(
    /\| l2p .*80\.0 \/ 85\.0, tuned_epoch 3 \(run here, 2647455\)/,
  )
})
