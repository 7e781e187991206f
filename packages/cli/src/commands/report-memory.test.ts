import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Workplace } from '../__fixtures__/workplace'
import { makeWorkplace } from '../__fixtures__/workplace'

let place: Workplace
beforeAll(async () => {
  place = await makeWorkplace()
})
afterAll(() => place.remove())

const pilot = (...words: string[]) => place.pilot(...words)

it('tells what methods keep, in one currency', async () => {
  const small = ['--data', 'colours', '--backbone', 'tiny.safetensors', '--increment', '2', '--engine', 'cpu']
  for (const scale of [1, 2])
    await pilot('run', 'means', ...small, '--set', `scale=${scale}`, '--out', `means-${scale}`)
  const { code, out } = await pilot('report', 'means-1', 'means-2', '--memory')
  expect(code).toBe(0)
  const [, table] = out.split('Memory:\n')
  // A transformer of 46,848 numbers and four means of 64; an image of 16 × 16 pixels in three colours.
  expect(table).toMatch(/means.* 0\.\d +0 +0\.0 +0\.\d +\d+\.\d\d +\d+\.\d\d +0\n/)
  expect(table).toContain('4 bytes a number, 768 an exemplar')
  expect(table).not.toContain('AUC-A')
  const other = await pilot('report', 'means-1', '--memory', '--image-bytes', '3072')
  expect(other.out).toContain('3,072 an exemplar')
})
