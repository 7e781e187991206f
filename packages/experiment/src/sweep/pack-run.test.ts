import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tinyRegistry } from '../__fixtures__/tiny-registry'
import { codeVersions, otherVersions } from './code-versions'
import { packRun, unpackRun } from './pack-run'

let place = ''
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'pilot-pack-'))
  const last = join(place, 'run/tasks/001')
  await mkdir(last, { recursive: true })
  await writeFile(join(place, 'run/config.json'), '{}')
  await writeFile(join(place, 'run/metrics.json'), '{ "complete": true }')
  await writeFile(join(place, 'run/report.html'), 'a page')
  await writeFile(join(place, 'run/.lock'), 'a claim')
  await writeFile(join(last, 'task.json'), '[1]')
  await writeFile(join(last, 'state.safetensors'), Buffer.alloc(300 * 1024))
  await writeFile(join(last, 'predictions.json'), '[2]')
})
afterAll(() => rm(place, { recursive: true, force: true }))

it('sends what a run came to, without a large state, and never half', async () => {
  const packed = await packRun(join(place, 'run'))
  const there = join(place, 'there')
  await unpackRun(packed, there)
  const files = (await readdir(there, { recursive: true })).sort()
  expect(files).toEqual([
    'config.json',
    'metrics.json',
    'tasks',
    'tasks/001',
    'tasks/001/predictions.json',
    'tasks/001/task.json',
  ])
  expect(await readFile(join(there, 'tasks/001/task.json'), 'utf8')).toBe('[1]')
  // What is there stays: a second answer of the same run says the same.
  await writeFile(join(there, 'metrics.json'), 'kept')
  await unpackRun(packed, there)
  expect(await readFile(join(there, 'metrics.json'), 'utf8')).toBe('kept')
})

it.each([
  ['no text of ours', 'what a worker sent is no run'],
  [{ '../outside': 'AAAA' }, 'is no file of a run'],
  [{ '/etc/passwd': 'AAAA' }, 'is no file of a run'],
  [{ 'a/../../b': 'AAAA' }, 'is no file of a run'],
])('takes nothing that is no run: %j', async (sent, message) => {
  const packed =
    typeof sent === 'string' ? sent : (await promisify(brotliCompress)(JSON.stringify(sent))).toString('base64')
  await expect(unpackRun(packed, join(place, 'refused'))).rejects.toThrow(message)
  expect((await readdir(place)).sort()).not.toContain('refused')
})

it('tells versions apart, and builds of one version', async () => {
  const versions = await codeVersions({ config: { method: 'simplecil', engine: 'cpu' } } as never, tinyRegistry())
  expect(versions).toMatchObject({ '@pilotjs/core': expect.stringMatching(/^\d+\.\d+\.\d+/) as string })
  expect(versions).toHaveProperty(['@tensorflow/tfjs-backend-cpu'])
  expect(otherVersions(versions, versions)).toEqual([])
  expect(otherVersions({ a: '1+x', b: '2' }, { a: '1+y', c: '3' })).toEqual(['a is 1+y here, 1+x there'])
})
