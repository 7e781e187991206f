import { expect, it, vi } from 'vitest'

// It goes through all images of Icons-100; on a machine that is busy otherwise that takes more than a minute.
it('a method of one’s own learns the stream like any other', { timeout: 300_000 }, async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('./main')
  const lines = log.mock.calls.map(([line]) => String(line))
  log.mockRestore()
  expect(lines.slice(0, 4)).toEqual([0, 1, 2, 3].map((task) => `learning task ${task} …`))
  const [, accuracy] = /average incremental accuracy (.+) %, forgetting/.exec(lines[4]!)!
  // Far above chance (10 % after the first task, 1 % after the last), with four tasks learned one after the other.
  expect(Number(accuracy)).toBeGreaterThan(20)
})
