import { expect, it, vi } from 'vitest'

// It gets a few images of each class: all of them take a minute.
it('learns ten tasks and says how well', { timeout: 300_000 }, async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('./main')
  const lines = log.mock.calls.map(([line]) => String(line))
  log.mockRestore()
  expect(lines).toHaveLength(11)
  expect(lines[9]).toMatch(/^after task 9: \d+\.\d % of 100 classes$/)
  expect(Number(/: (.+) %/.exec(lines[10]!)![1])).toBeGreaterThan(60)
})
