import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Workplace } from './__fixtures__/workplace'
import { installMethod, makeWorkplace } from './__fixtures__/workplace'
import { nodeTooOld } from './require-node'

/** The command as it is installed. */
const bin = fileURLToPath(new URL('../dist/bin.js', import.meta.url))

let place: Workplace
beforeAll(async () => {
  place = await makeWorkplace()
  await makeStuck(place.folder)
})
afterAll(() => place.remove())

/** The built command in a process of its own; `until` waits for words on standard error. */
function start(args: readonly string[], options: { readonly node?: readonly string[]; readonly env?: object } = {}) {
  const child = spawn(process.execPath, [...(options.node ?? []), bin, ...args], {
    cwd: place.folder,
    env: { ...process.env, NODE_OPTIONS: '', npm_lifecycle_event: '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { out: '', err: '' }
  let wake: () => void = () => undefined
  child.stdout.on('data', (piece: Buffer) => void (written.out += String(piece)))
  child.stderr.on('data', (piece: Buffer) => {
    written.err += String(piece)
    wake()
  })
  const ended = once(child, 'close') as Promise<[code: number | null, signal: string | null]>
  void ended.then(() => wake())
  return {
    child,
    written,
    ended,
    async until(words: string) {
      while (!written.err.includes(words)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`it ended before "${words}": ${written.err}`)
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}

it('is built', () => expect(existsSync(bin)).toBe(true))

it('stops at once when told to a second time, whatever it is in the middle of', async () => {
  const weights = ['--data', 'colours', '--backbone', 'tiny.safetensors', '--engine', 'cpu']
  const { child, ended, until } = start(['run', 'stuck', ...weights, '--increment', '2', '--out', 'stuck'])
  await until('STUCK')
  child.kill('SIGINT')
  await until('stopping … (once more: at once)')
  // The method never looks at the signal, and never ends: only the second one can end this.
  expect(child.exitCode).toBeNull()
  child.kill('SIGINT')
  expect(await ended).toEqual([1, null])
})

it('says in one line that Node is too old, before it loads anything that such a Node cannot', async () => {
  const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } })`
  const { written, ended } = start(['list', 'methods'], { node: ['--import', `data:text/javascript,${older}`] })
  expect(await ended).toEqual([1, null])
  expect(written).toEqual({
    out: '',
    err: 'pilot needs Node 20.19 or newer; this is 18.20.4. Get one from nodejs.org.\n',
  })
  expect(['20.18.3', '18.20.4', '4.0.0'].map(nodeTooOld)).not.toContain(undefined)
  expect(['20.19.0', '20.20.2', '22.0.0', '24.1.0'].map(nodeTooOld)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

it('prints commands that work in a clone, quoted as a shell needs it', async () => {
  const clone = { npm_package_name: 'pilotjs', npm_lifecycle_event: 'pilot' }
  await mkdir(join(place.folder, "it's a run"))
  await writeFile(join(place.folder, "it's a run", 'config.json'), '{}')
  const missing = start(['list', 'methods', 'nothing-like-this'], { env: clone })
  expect((await missing.ended)[0]).toBe(2)
  const options = start(['run', 'means', '--set', 'scale=-1'], { env: clone })
  expect((await options.ended)[0]).toBe(2)
  expect(options.written.err).toContain('npm run pilot -- list methods means')
  const taken = start(
    [
      'run',
      'means',
      '--data',
      'colours',
      '--backbone',
      'tiny.safetensors',
      '--engine',
      'cpu',
      '--increment',
      '2',
      '--out',
      "it's a run",
    ],
    { env: clone },
  )
  expect((await taken.ended)[0]).toBe(1)
  expect(taken.written.err).toContain(String.raw`npm run pilot -- resume '${place.folder}/it'\''s a run'`)
})

/** `stuck`: a method that learns for ever. */
async function makeStuck(folder: string): Promise<void> {
  const source = `
import { defineLearner, defineMethod, network } from '@pilotjs/core'
import { prototypeHead } from '@pilotjs/core/heads'
import * as z from 'zod'
export default defineMethod({
  name: 'stuck',
  family: 'prototype',
  paper: { title: 'Stuck', venue: 'nowhere', url: 'https://example.org' },
  options: z.object({}),
  create({ backbone, rng }) {
    const { extractor, width } = network({ backbone })
    const head = prototypeHead({ width, rng })
    const learn = () => {
      setInterval(() => undefined, 1e9)
      console.error('STUCK')
      return new Promise(() => undefined)
    }
    return defineLearner({ head }, { learn, extractor, readings: { head: head.apply } })
  },
})
`
  await installMethod(folder, { name: 'stuck', method: 'stuck', source })
}
