import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { run } from '../__fixtures__/run'
import { replay } from '../replay'
import { crc32c, maskedCrc32c } from './crc32c'
import { scalarMessage } from './event-message'
import { tensorboardTracker } from './tensorboard-tracker'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pilot-tensorboard-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

it('checks itself as RFC 3720 says', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
})

it('writes an event as protocol buffers do', () => {
  const message = scalarMessage([{ tag: 'a', value: 0.5, step: 300, at: 1500 }])
  const hex = Buffer.from(message).toString('hex')
  // wall_time 1.5; step 300; summary { value { tag "a", simple_value 0.5 } }
  expect(hex).toBe(`09${'000000000000f83f'}10ac02${'2a0a'}${'0a08'}${'0a0161'}${'150000003f'}`)
})

it('replays a run into one file of whole records, in place of an earlier one', async () => {
  const log = join(folder, 'events.jsonl')
  await writeFile(log, run.map((event) => `${JSON.stringify(event)}\n`).join('') + '{"kind":"torn')
  const out = join(folder, 'out')
  for (let time = 0; time < 2; time++) expect(await replay(log, tensorboardTracker({ folder: out }))).toBe(run.length)
  await writeFile(join(out, 'events.out.tfevents.other'), 'kept')
  await replay(log, tensorboardTracker({ folder: out }))
  const files = (await readdir(out)).sort()
  expect(files).toEqual(['events.out.tfevents.0000000001.pilotjs', 'events.out.tfevents.other'])

  const bytes = await readFile(join(out, files[0]!))
  const texts: string[] = []
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at))
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)))
    const data = bytes.subarray(at + 12, at + 12 + length)
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(data))
    texts.push(data.toString('latin1'))
    at += 16 + length
  }
  expect(texts).toHaveLength(2 + 2 + 1)
  expect(texts[0]).toContain('brain.Event:2')
  expect(texts[1]).toContain('| options.scale | 2 |')
  expect(texts[4]).toContain('task/accuracy')
})
