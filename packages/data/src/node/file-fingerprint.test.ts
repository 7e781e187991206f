import { join } from 'node:path'
import { expect, it } from 'vitest'
import { put, scratch } from '../__fixtures__/scratch'
import { fileFingerprint } from './file-fingerprint'

it.each([0, 10, 64 * 1024, 64 * 1024 + 1, 300_000])('tells a file of %i bytes from others', async (size) => {
  const folder = scratch()
  const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7)
  const of = (content: Uint8Array) => fileFingerprint(put(join(folder, 'x'), content))
  const first = await of(bytes)
  expect(first).toMatch(/^[0-9a-f]{32}$/)
  expect(await of(bytes)).toBe(first)
  expect(await of(Uint8Array.from([...bytes, 1]))).not.toBe(first)
  for (const at of size === 0 ? [] : [0, size - 1]) {
    expect(await of(bytes.with(at, 255 - bytes[at]!))).not.toBe(first)
  }
})

it('is what saved runs hold', async () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i * 7)
  const file = (content: Uint8Array) => put(join(scratch(), 'x'), content)
  expect(await fileFingerprint(file(bytes.subarray(0, 100)))).toBe('76b40504b647c2242bb6e25480984555')
  expect(await fileFingerprint(file(bytes))).toBe('0452b680a0ac4329bba4292134f58df4')
})

it('says when there is no such file', async () => {
  await expect(fileFingerprint(join(scratch(), 'gone'))).rejects.toThrow('gone')
})
