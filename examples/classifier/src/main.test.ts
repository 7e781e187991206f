import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'

it('lives its whole life', async () => {
  const before = process.cwd()
  const folder = await mkdtemp(join(tmpdir(), 'pilot-life-'))
  process.chdir(folder)
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  try {
    await import('./main')
    const lines = log.mock.calls.map(([line]) => String(line))
    expect(lines[0]).toMatch(/^tree, \d+ %$/)
    expect(lines.slice(1)).toEqual(['looks like nothing it knows: true', 'alarm, car'])
    expect(await readdir(join(folder, 'drawings'))).toEqual(['classifier.safetensors'])
  } finally {
    log.mockRestore()
    process.chdir(before)
    await rm(folder, { recursive: true, force: true })
  }
})
