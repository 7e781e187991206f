import { expect, it } from 'vitest'
import { type SpeedReading, isOnOneCore, measuredOn, speedTable } from './speed-table'

const reading = (engine: string, median: number, cpu: number, row = 'ViT: forward'): SpeedReading => ({
  ...{ row, batch: 4, engine, median, cpu },
})
const run = (threads: number, ...rows: SpeedReading[]) => ({ threads, rows })

it('compares with the reading of PyTorch in the same run, and gives the middle and the range', () => {
  const runs = [
    run(1, reading('tfjs-backend-onnx', 50, 50), reading('torch 2', 100, 100)),
    run(1, reading('tfjs-backend-onnx', 80, 80), reading('torch 2', 200, 200)),
    run(1, reading('tfjs-backend-onnx', 66, 66), reading('torch 2', 100, 100)),
  ]
  const lines = speedTable(runs).split('\n')
  expect(lines[2]).toBe('| ViT: forward, 4 | tfjs-backend-onnx | 66 | 0.5 (0.4 – 0.66) | 66 | 0.5 (0.4 – 0.66) |')
  expect(lines[3]).toBe('| ViT: forward, 4 | torch 2 | 100 | – | 100 | – |')
  expect(lines).toHaveLength(4)
})

it('tells readings of two threads on one core from measurements', () => {
  const shared = reading('tfjs-backend-onnx', 100, 101)
  expect([isOnOneCore(shared, 2), isOnOneCore(shared, 1)]).toEqual([true, false])
  expect(isOnOneCore(reading('torch 2', 100, 190), 2)).toBe(false)
  const table = speedTable([run(2, shared, reading('torch 2', 100, 190))])
  expect(table).toContain('| ViT: forward, 4 | tfjs-backend-onnx | 101 | 0.532 | no measurement | – |')
  expect(table).toContain('Left out: 1 reading(s) by the clock of 2 threads')
})

it('says where and when', () => {
  const text = measuredOn({
    ...{ cpu: 'Some CPU', cores: 2, memoryGiB: 24, threads: 2, runs: 3 },
    date: new Date('2026-11-30T12:00:00Z'),
    versions: { Node: '20.20.2', 'onnxruntime-node': '1.30.0' },
  })
  expect(text).toBe(
    '2026-11-30, Some CPU, 2 cores, 24 GiB; Node 20.20.2, onnxruntime-node 1.30.0. 2 threads, medians of 3 runs in turn.',
  )
})
