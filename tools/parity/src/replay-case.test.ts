import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { reportLines } from './case-report'
import { fixtures } from './default-golden'
import { listCases, readCase, selectCases } from './golden-case'
import { findMethods } from './methods'
import { replayCase } from './replay-case'

const methods = await findMethods()
const scratch = mkdtempSync(join(tmpdir(), 'parity-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** A case of the fixtures with its `case.json` changed. */
function changed(id: string, change: (record: Record<string, Record<string, unknown>>) => void): string {
  cpSync(fixtures, scratch, { recursive: true })
  const file = join(scratch, id, 'case.json')
  const record = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>
  change(record)
  writeFileSync(file, JSON.stringify(record))
  return scratch
}

describe('reduced records', () => {
  it.each(listCases(fixtures))('%s is followed', async (id) => {
    const before = memory().numTensors
    const report = await replayCase(readCase(fixtures, id), methods)
    expect(reportLines(report)[0], report.departures.join('\n')).toMatch(/^pass/)
    expect(memory().numTensors).toBe(before)
  })
})

describe('what departs from a record', () => {
  it('is named with its first step: another learning rate', async () => {
    const golden = changed('aper_vpt/shallow_hot', ({ options }) => (options!.init_lr = 0.9))
    const report = await replayCase(readCase(golden, 'aper_vpt/shallow_hot'), methods)
    expect(report.passed).toBe(false)
    expect(report.departures[0]).toMatch(/task 0, losses: train epoch 0 step 0: learning rate 0.9, recorded 1/)
  })

  it('is named with its tensor: another epsilon of the norms', async () => {
    const golden = changed('simplecil/a', ({ vit }) => (vit!.layerNormEps = 1e-5))
    const report = await replayCase(readCase(golden, 'simplecil/a'), methods)
    expect(report.passed).toBe(false)
    expect(report.departures[0]).toMatch(/task 0, end: off by .* at fc.weight, element \d+/)
    expect(reportLines(report)[0]).toMatch(/^FAIL {2}simplecil\/a/)
  })

  it('is told of a tensor that nothing is compared with', async () => {
    const report = await replayCase(readCase(fixtures, 'duct/a_strong'), methods)
    expect(report.uncompared).toEqual(['class_means_after_train', 'ot_cost.*', 'ot_T.*'])
    expect(reportLines(report)).toEqual([expect.stringMatching(/^pass/), expect.stringMatching(/not compared: class_/)])
  })

  it('is counted: another number of epochs', async () => {
    const golden = changed('aper_vpt/shallow_hot', ({ options }) => (options!.tuned_epoch = 1))
    const report = await replayCase(readCase(golden, 'aper_vpt/shallow_hot'), methods)
    expect(report.departures[0]).toMatch(/task 0, losses: 5 training steps, 20 on record/)
  })
})

describe('names of cases', () => {
  it('are methods or single cases', () => {
    expect(selectCases(fixtures, ['ease'])).toEqual(['ease/a_ptm', 'ease/a_strong'])
    expect(selectCases(fixtures, ['l2p/a', 'simplecil'])).toEqual(['l2p/a', 'simplecil/a'])
    expect(() => selectCases(fixtures, ['l3p'])).toThrow(/no case "l3p".*aper_adapter/)
  })

  it('need a readable case.json', () => {
    const golden = changed('l2p/a', (record) => delete record.backbone)
    expect(() => readCase(golden, 'l2p/a')).toThrow(/case\.json: .*backbone/s)
  })
})
