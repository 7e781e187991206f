import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Workplace } from '../__fixtures__/workplace'
import { makeWorkplace } from '../__fixtures__/workplace'

let place: Workplace
beforeAll(async () => {
  place = await makeWorkplace()
})
afterAll(() => place.remove())

const pilot = (...words: string[]) => place.pilot(...words)
const small = ['--data', 'colours', '--backbone', 'tiny.safetensors', '--increment', '2', '--engine', 'cpu']
const kindsIn = async (run: string) =>
  (await readFile(join(place.folder, run, 'events.jsonl'), 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { kind: string }).kind)

it('writes events, tells trackers while it goes on, and does not mind one that is not there', async () => {
  const flags = ['--track', 'tensorboard=boards', '--track', 'mlflow=http://me:secret@127.0.0.1:1']
  const { code, err } = await pilot('run', 'means', ...small, '--out', 'followed', ...flags)
  expect([code, err]).toEqual([0, expect.stringContaining('MLflow at http://127.0.0.1:1 is told nothing more')])
  expect(err).not.toContain('secret')
  const kinds = await kindsIn('followed')
  expect([kinds[0], kinds.at(-1)]).toEqual(['begun', 'finished'])
  expect(kinds.filter((kind) => kind === 'scored')).toHaveLength(2)
  expect(await readdir(join(place.folder, 'boards/followed'))).toEqual([expect.stringMatching(/tfevents.*\.pilotjs$/)])
})

it('replays runs, the same as live, and refuses trackers that it does not know', async () => {
  const replayed = await pilot('track', 'followed', '--to', 'tensorboard')
  expect(replayed).toMatchObject({ code: 0, out: expect.stringContaining('events to TensorBoard in') as string })
  const [file] = await readdir(join(place.folder, 'followed/tensorboard'))
  const [live, later] = await Promise.all(
    ['boards/followed', 'followed/tensorboard'].map((folder) => readFile(join(place.folder, folder, file!))),
  )
  expect(later!.equals(live!)).toBe(true)
  expect(await pilot('track', 'followed', '--to', 'wandb')).toMatchObject({ code: 2 })
  const gone = await pilot('track', 'followed', '--to', 'mlflow=http://127.0.0.1:1')
  expect(gone).toMatchObject({ code: 1, err: expect.stringContaining('does not answer') as string })
})

it('goes on with the events of a run that is resumed', async () => {
  await pilot('run', 'means', ...small, '--out', 'broken', '--set', 'fail=1')
  expect((await kindsIn('broken')).at(-1)).toBe('stopped')
  const config = join(place.folder, 'broken', 'config.json')
  await writeFile(config, (await readFile(config, 'utf8')).replace('"fail": 1', '"fail": null'))
  expect((await pilot('resume', 'broken', '--track', 'tensorboard')).code).toBe(0)
  const kinds = await kindsIn('broken')
  expect(kinds.slice(kinds.indexOf('resumed'))).toEqual(
    expect.arrayContaining(['resumed', 'task', 'scored', 'finished']) as string[],
  )
  expect(kinds.filter((kind) => kind === 'begun')).toHaveLength(1)
  // The tracker that came late was told of the task before, too.
  const [file] = await readdir(join(place.folder, 'broken/tensorboard'))
  const text = (await readFile(join(place.folder, 'broken/tensorboard', file!))).toString('latin1')
  expect(text.split('task/accuracy')).toHaveLength(1 + 2)
})
