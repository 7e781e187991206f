import { loadIcons100 } from '@pilotjs/icons-100'
import { smallImageTransforms } from '@pilotjs/data'
import { expect, it, vi } from 'vitest'
import { byTheme } from './by-theme'

it('names a class that the dataset does not have', async () => {
  const preprocessing = {
    inputSize: [32, 32],
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    interpolation: 'bicubic',
    cropFraction: 1,
  } as const
  const transforms = smallImageTransforms({ preprocessing })
  const dataset = await loadIcons100()
  expect(() => byTheme(dataset, { themes: { myths: ['unicorn-of-lore'] }, transforms })).toThrow(
    /no class 'unicorn-of-lore'/,
  )
})

it('runs its own stream, theme after theme', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('./main')
  const lines = log.mock.calls.map(([line]) => String(line))
  log.mockRestore()
  expect(lines.map((line) => line.split(':')[0])).toEqual(['animals', 'vehicles', 'food'])
  // Two or three classes of seven, well above chance each.
  for (const line of lines) expect(Number(/: (.+) % /.exec(line)![1])).toBeGreaterThan(40)
})
