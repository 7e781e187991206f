import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readSpace } from './read-space'

let folder = ''
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'pilot-space-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

it('reads values and ranges of a file and of flags, which outdo it', async () => {
  await writeFile(join(folder, 'space.json'), '{ "epochs": [1, 2], "pull": { "from": 0.1, "to": 0.5 } }')
  const space = await readSpace(
    'space.json',
    ['epochs=5..20:integer', 'rate=1e-4..0.1:log', 'optimizer=sgd,adam'],
    folder,
  )
  expect(space).toEqual({
    epochs: { from: 5, to: 20, scale: 'linear', integer: true },
    pull: { from: 0.1, to: 0.5, scale: 'linear', integer: false },
    rate: { from: 1e-4, to: 0.1, scale: 'log', integer: false },
    optimizer: ['sgd', 'adam'],
  })
})

it('says what it cannot read', async () => {
  await expect(readSpace(undefined, ['epochs'], folder)).rejects.toThrow('--choose takes option=value,…')
  await expect(readSpace('nothing.json', [], folder)).rejects.toThrow('cannot read nothing.json as JSON')
  await expect(readSpace(undefined, ['rate=0..1:log'], folder)).rejects.toThrow('a log scale begins above 0')
  await expect(readSpace(undefined, [], folder)).rejects.toThrow('there is no option to choose')
})
