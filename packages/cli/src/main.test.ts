import { existsSync } from 'node:fs'
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunMetrics } from '@pilotjs/experiment'
import { runExperiment } from '@pilotjs/experiment'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Workplace } from './__fixtures__/workplace'
import { makeWorkplace } from './__fixtures__/workplace'
import { demoImages } from './demo/demo-methods'
import { main } from './main'
import { Interrupted } from './usage-error'

let place: Workplace
beforeAll(async () => {
  place = await makeWorkplace()
})
afterAll(() => place.remove())

const pilot = (...words: string[]) => place.pilot(...words)

const small = ['--data', 'colours', '--backbone', 'tiny.safetensors', '--increment', '2', '--engine', 'cpu']
const metricsOf = async (run: string) =>
  JSON.parse(await readFile(join(place.folder, run, 'metrics.json'), 'utf8')) as RunMetrics

describe('pilot run', () => {
  it("runs a method that somebody published, on one's own images and weights", async () => {
    const { code, out, err } = await pilot('run', '@someone/means', ...small, '--out', 'own', '--set', 'scale=2')
    expect([code, err]).toEqual([0, expect.stringContaining('task 2/2  accuracy')])
    expect(out).toMatch(/@someone\/means .*│/)
    const { summary, complete } = await metricsOf('own')
    expect(complete).toBe(true)
    expect(summary).toMatchObject({ tasks: 2, classes: 4 })
    expect(existsSync(join(place.folder, 'own', 'report.html'))).toBe(true)
    const config = JSON.parse(await readFile(join(place.folder, 'own', 'config.json'), 'utf8')) as unknown
    expect(config).toMatchObject({
      method: '@someone/means',
      options: { scale: 2, fail: null },
      data: { name: join(place.folder, 'colours') },
      seed: 1993,
      engine: 'cpu',
      provenance: { packages: { '@someone/means': '2.1.0' } },
    })
  })

  it('does what a program of fifteen lines does with @pilotjs/experiment, to the same numbers', async () => {
    await pilot('run', 'means', ...small, '--out', 'command')
    const program = runExperiment({
      method: 'means',
      data: 'colours',
      backbone: 'tiny.safetensors',
      increment: 2,
      engine: 'cpu',
      seed: 1993,
      out: 'program',
      cwd: place.folder,
    })
    const curve: number[] = []
    for await (const { accuracy } of program) curve.push(accuracy)
    const [command, own] = [await metricsOf('command'), await metricsOf('program')]
    expect(curve).toEqual(command.summary!.curve)
    expect([own.tasks, own.summary]).toEqual([command.tasks, command.summary])
  })

  it('compares methods on a folder of photos with the backbone for those, and says how to go on', async () => {
    const { code, err } = await pilot('demo', '--photos', 'colours', '--methods', 'means,simplecil', '--engine', 'onnx')
    expect([code, err]).toEqual([0, expect.stringContaining('4 classes of photos come in 4 tasks, 1 at a time')])
    const { train, test } = demoImages
    expect(err).toContain(`16 training and 8 test images, at most ${train} and ${test} a class (all: --full)`)
    expect(err).toContain('backbone efficientnet-lite0')
    expect(err).toMatch(/highest average: (means|simplecil), \d+\.\d+ % \(one seed\)/)
    expect(err).toContain('pilot predict runs/demo-photos/')
  })

  it('finds it by its short name, and makes a run folder of its own', async () => {
    for (const folder of ['someone-means-colours-1993', 'someone-means-colours-1993-2']) {
      expect((await pilot('run', 'means', ...small)).code).toBe(0)
      expect(existsSync(join(place.folder, 'runs', folder, 'metrics.json'))).toBe(true)
    }
  })

  it('makes a run again from its config.json, flags going before', async () => {
    await pilot('run', 'means', ...small, '--out', 'first', '--seed', '7')
    await pilot('run', 'first/config.json', '--out', 'again')
    expect((await metricsOf('again')).tasks).toEqual((await metricsOf('first')).tasks)
    await pilot('run', 'first/config.json', '--out', 'other', '--increment', '1')
    expect((await metricsOf('other')).tasks).toHaveLength(4)
  })

  it("takes one of PILOT's configs, a run a seed, and says what it ignores", async () => {
    const config = {
      model_name: 'means_pilot',
      dataset: 'x',
      init_cls: 2,
      increment: 2,
      seed: [1, 2],
      shuffle: true,
      device: ['0'],
      memory_size: 0,
      fixed_memory: false,
      tuned_epoch: 3,
      temperature: 4,
    }
    await writeFile(join(place.folder, 'exps.json'), JSON.stringify(config))
    const { code, err } = await pilot('run', 'exps.json', ...small, '--out', 'pilot')
    expect([code, err]).toEqual([0, expect.stringMatching(/tuned_epoch is ignored: nothing trains/)])
    expect(err).toContain('memory_size, fixed_memory are ignored: this method keeps no exemplars')
    expect((await readdir(join(place.folder, 'pilot'))).sort()).toEqual(['report.html', 'seed-1', 'seed-2'])
    const saved = JSON.parse(await readFile(join(place.folder, 'pilot/seed-2/config.json'), 'utf8')) as unknown
    expect(saved).toMatchObject({ options: { scale: 4 }, seed: 2, stream: { baseClasses: 2, shuffle: true } })

    await writeFile(join(place.folder, 'exps.json'), JSON.stringify({ ...config, tuned_epohc: 3 }))
    expect(await pilot('run', 'exps.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean "tuned_epoch"?'),
    })
    await writeFile(join(place.folder, 'exps.json'), JSON.stringify({ ...config, model_name: 'meens' }))
    expect(await pilot('run', 'exps.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('model_name "meens"'),
    })
    await writeFile(join(place.folder, 'exps.json'), JSON.stringify({ ...config, model_name: 'means_pilto' }))
    expect(await pilot('run', 'exps.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean "means_pilot"?'),
    })
  })

  it.each([
    [['run', 'meens'], 'did you mean "means"?'],
    [['run', 'means', '--data', 'cfar100'], 'did you mean "cifar100"?'],
    [['run', 'means', '--backbone', 'vit-icon'], 'did you mean "vit-icons"?'],
    [['run', 'means', '--set', 'scael=1'], 'means has no option "scael"; did you mean "scale"?'],
    [['run', 'means', '--set', 'scale=-1'], 'options of means'],
    [['run', 'means', '--set', 'scale'], '--set takes key=value, got "scale"'],
    [['run', 'means', '--seed', '1,x'], 'It must be a whole number'],
    [['run', 'means', '--seed', '4294967296'], 'A seed is at most 4294967295'],
    [['run', 'means', '--increment', '0'], 'It must be at least 1'],
    [['run', 'means', '--train-per-class', '0'], 'It must be at least 1'],
    [['run', 'means', '--engine', 'onx'], 'Did you mean "onnx"? Allowed choices are auto, onnx'],
    [['run', 'means', '--engine', 'onnx:'], 'Did you mean "onnx"?'],
    [['run', 'means', '--precision', 'int9'], 'Did you mean "int8"? Allowed choices are fp32, fp16, int8'],
    [['run', 'means', '--scenario', 'task'], 'Did you mean "task-incremental"?'],
    [['run', 'means', '--backbone', 'weights/no.safetensors'], 'there is no file or folder weights/no.safetensors'],
    [['run', './colours'], 'there is no method "./colours" here'],
    [['run', 'nothing.json'], 'there is no file nothing.json'],
    [['rum'], 'Did you mean run?'],
    [['run', 'means', '--epochs', '3'], '--set epochs=3'],
    [['run', 'means', '--engine', 'gpu'], 'Did you mean "tfjs-node-gpu"?'],
    [['run', 'means', '--backbone', 'vit_base'], 'did you mean "vit_base_patch16'],
    [['run', 'zzz'], 'there is no method "zzz" here; there are aper,'],
    [['run', 'means', '--preprocessing', 'imagnet'], 'did you mean "imagenet"?'],
    [['run', 'means', '--split', '2'], 'between 0 and 1'],
    [['run', 'means', '--long-tailed', '0'], 'above 0 and at most 1'],
    [['run', 'means', '--tail', 'ordered'], '--tail says which classes --long-tailed makes small'],
    [['run', 'means', '--scenario', 'fewshot'], 'Did you mean "few-shot"?'],
    [['run', 'means', '--shots', '3'], 'a class-incremental stream has no shots: that is for scenario "few-shot"'],
    [['run', 'means', '--incremet', '2'], 'Did you mean --increment?'],
    [['list', 'method'], 'Did you mean "methods"? Allowed choices are methods, backbones, datasets'],
    [['resume', 'nowhere'], 'there is no run nowhere'],
    [['report', 'colours'], 'colours is no run, and holds none'],
  ])('says what is wrong with `pilot %s`, and that it was typed so (2)', async (args, message) => {
    expect(await pilot(...args)).toEqual({ code: 2, out: '', err: expect.stringContaining(message) })
  })

  it.each([
    [['--init-cls', '30'], 'baseClasses is 30, but there are only 4\nchoose another --init-cls'],
    [['--scenario', 'domain-incremental'], 'take --scenario class-incremental'],
  ])('says it (2) before a folder appears where the stream does not fit: %s', async (flags, message) => {
    const { code, err } = await pilot('run', 'means', ...small, ...flags, '--out', 'never')
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
    expect(existsSync(join(place.folder, 'never'))).toBe(false)
  })
})

describe('what is read', () => {
  it('tells what reading a folder came to, and whose method runs', async () => {
    const { err } = await pilot('run', 'means', ...small, '--out', 'told')
    expect(err).toMatch(/colours: 4 classes, 16 training and 8 test images/)
    expect(err).toMatch(/method means is @someone\/means 2\.1\.0 in .*@someone/)
  })

  it('finds an image that cannot be decoded before anything is learned', async () => {
    const file = join(place.folder, 'colours/train/red/train-0.png')
    const whole = await readFile(file)
    await writeFile(file, whole.subarray(0, whole.length - 30))
    try {
      const found = await pilot('run', 'means', ...small, '--check', 'decode', '--out', 'unread')
      expect(found).toMatchObject({ code: 1, err: expect.stringContaining('train-0.png') as string })
      expect(existsSync(join(place.folder, 'unread'))).toBe(false)
    } finally {
      await writeFile(file, whole)
    }
  })

  it('takes a config with a byte order mark and a seed in quotes, and says where it departs from PILOT', async () => {
    const config = { model_name: 'means_pilot', init_cls: 3, increment: 2, seed: ['7'], init_lr: 0.01, shuffle: true }
    await writeFile(join(place.folder, 'bom.json'), `\uFEFF${JSON.stringify(config)}`)
    const flags = ['--data', 'colours', '--backbone', 'tiny.safetensors', '--engine', 'cpu']
    const paper = await pilot('run', 'bom.json', ...flags, '--out', 'bom')
    expect(paper).toMatchObject({ code: 0, err: expect.stringContaining('departs from PILOT: images are') as string })
    expect(paper.err).toContain('init_lr is ignored: means_pilot has no use for it')
    const saved = JSON.parse(await readFile(join(place.folder, 'bom/config.json'), 'utf8')) as unknown
    expect(saved).toMatchObject({ seed: 7, compat: 'paper' })
    const pilotWay = await pilot('run', 'bom.json', ...flags, '--compat', 'pilot', '--out', 'bom-pilot')
    expect([pilotWay.code, pilotWay.err]).toEqual([0, expect.not.stringContaining('departs from PILOT')])
  })

  it('obeys no control characters in names', async () => {
    const { err } = await pilot('run', 'means\u001b[2J\u202eevil')
    expect(err).toContain('means\\u001b[2J\\u202eevil')
  })

  it('obeys none in names of classes and files, whatever tells them', async () => {
    const evil = 'red\u001b[2J\u202eder\nblue'
    for (const split of ['train', 'test'])
      for (const [from, to] of [
        ['red', evil],
        ['blue', 'blue'],
      ] as const)
        await cp(join(place.folder, 'colours', split, from), join(place.folder, 'odd', split, to), { recursive: true })
    await writeFile(join(place.folder, 'odd/train', evil, 'notes\u001b[31m.txt'), 'no image')
    const flags = ['--data', 'odd', '--backbone', 'tiny.safetensors', '--engine', 'cpu', '--increment', '2']
    const { code, err } = await pilot('run', 'means', ...flags, '--out', 'odd-run')
    expect([code, err]).toEqual([0, expect.stringContaining('passed over: 1 file that is no image')])
    const image = join('odd/test', evil, 'test-0.png')
    const { out } = await pilot('predict', 'odd-run', image)
    expect(out).toContain('red\\u001b[2J\\u202eder\\u000ablue')
    const json = await pilot('predict', 'odd-run', image, '--json')
    expect((JSON.parse(json.out) as { image: string }[])[0]!.image).toBe(image)
    // eslint-disable-next-line no-control-regex -- these are control characters
    for (const text of [err, out, json.out]) expect(text).not.toMatch(/[\u001b\u202e]/)
  })

  it('resumes with the same data alone', async () => {
    await pilot('run', 'means', ...small, '--out', 'data', '--set', 'fail=1')
    const config = join(place.folder, 'data', 'config.json')
    await writeFile(config, (await readFile(config, 'utf8')).replace('"fail": 1', '"fail": null'))
    await cp(join(place.folder, 'colours/train/red'), join(place.folder, 'colours/train/aaa'), { recursive: true })
    await cp(join(place.folder, 'colours/test/red'), join(place.folder, 'colours/test/aaa'), { recursive: true })
    try {
      const refused = await pilot('resume', 'data')
      expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("class 'aaa' was not there") as string })
    } finally {
      for (const split of ['train', 'test']) await rm(join(place.folder, 'colours', split, 'aaa'), { recursive: true })
    }
    expect((await pilot('resume', 'data')).code).toBe(0)
  })
})

describe('pilot resume', () => {
  it('goes on where a run failed, to the same end', async () => {
    const failed = await pilot('run', 'means', ...small, '--out', 'broken', '--set', 'fail=1')
    expect(failed).toMatchObject({ code: 1, err: expect.stringContaining('asked to fail in task 1') })
    expect((await metricsOf('broken')).tasks).toHaveLength(1)
    const file = join(place.folder, 'broken', 'config.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace('"fail": 1', '"fail": null'))
    expect(await pilot('resume', 'broken')).toMatchObject({
      code: 0,
      err: expect.stringContaining('goes on after 1 saved task\n'),
    })
    await pilot('run', 'means', ...small, '--out', 'unbroken')
    const [resumed, whole] = [await metricsOf('broken'), await metricsOf('unbroken')]
    expect([resumed.tasks, resumed.summary]).toEqual([whole.tasks, whole.summary])
  })

  it('refuses other weights than the run began with', async () => {
    await pilot('run', 'means', ...small, '--out', 'weights')
    const file = join(place.folder, 'weights', 'config.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace(/"backbone": "(?!\/)[^"]+"/, '"backbone": "other"'))
    expect(await pilot('resume', 'weights')).toMatchObject({
      code: 1,
      err: expect.stringContaining('began with other weights'),
    })
  })

  it('stops when told to, with what was saved', async () => {
    const stop = new AbortController()
    const terminal = place.terminal(stop.signal)
    const write = terminal.err
    const stopping = {
      ...terminal,
      err(text: string) {
        write(text)
        if (text.includes('task 1/2  accuracy')) stop.abort(new Interrupted())
      },
    }
    expect(await main(['run', 'means', ...small, '--out', 'stopped'], stopping)).toBe(1)
    expect(terminal.written.err).toContain('stopped with 1 task saved')
    expect((await metricsOf('stopped')).complete).toBe(false)
    expect((await pilot('resume', 'stopped')).code).toBe(0)
    expect((await metricsOf('stopped')).complete).toBe(true)
  })
})

interface Told {
  readonly top: readonly { readonly class: string; readonly score: number }[]
  readonly unknown?: number
  readonly isUnknown?: boolean
}

describe('pilot report, predict, list', () => {
  it('compares runs on one page', async () => {
    await pilot('run', 'means', ...small, '--out', 'a')
    await pilot('run', 'means', ...small, '--seed', '3', '--out', 'b')
    const { code, out } = await pilot('report', 'a', 'b', '--out', 'both.html')
    expect([code, out]).toEqual([0, expect.stringMatching(/@someone\/means +│ +2 │ +[\d.]+ ± [\d.]+ │/)])
    const { out: csv } = await pilot('report', 'a', 'b', '--out', 'both.html', '--format', 'csv')
    expect(csv).toMatch(/^method,seeds,average_incremental_accuracy,.*\n@someone\/means,1993 3,/)
    const page = await readFile(join(place.folder, 'both.html'), 'utf8')
    expect(page).toContain('2 runs on')
    await rm(join(place.folder, 'both.html'))
  })

  it('reports on what can be read, and says what can not', async () => {
    await pilot('run', 'means', ...small, '--out', 'some/whole')
    await pilot('run', 'means', ...small, '--out', 'some/begun', '--set', 'fail=0')
    await rm(join(place.folder, 'some/whole/metrics.json'))
    const begun = await pilot('report', 'some')
    expect(begun).toMatchObject({ code: 0, out: expect.stringContaining('@someone/means') })
    expect(begun.err).toContain(`left out, as no task is finished yet: ${join(place.folder, 'some/begun')}`)
    expect(await pilot('report', 'some/begun')).toMatchObject({ code: 1, err: expect.stringContaining('pilot resume') })

    await pilot('run', 'means', ...small, '--out', 'some/damaged')
    const file = join(place.folder, 'some/damaged/tasks/001/predictions.json')
    await writeFile(file, '{')
    const damaged = await pilot('report', 'some')
    expect(damaged).toMatchObject({ code: 1, out: expect.stringContaining('@someone/means') })
    expect(damaged.err).toContain(`1 of 3 runs are not in the report:\ncannot read ${file}`)
    expect(existsSync(join(place.folder, 'some/report.html'))).toBe(true)
  })

  it('names what is on an image, five classes at most', async () => {
    await pilot('run', 'means', ...small, '--out', 'predicting')
    const image = 'colours/test/blue/test-0.png'
    const { code, out } = await pilot('predict', 'predicting', image, '--json')
    const [prediction] = JSON.parse(out) as { image: string; top: { class: string; score: number }[] }[]
    expect([code, prediction!.image, prediction!.top.length]).toEqual([0, image, 4])
    const scores = prediction!.top.map(({ score }) => score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect((await pilot('predict', 'predicting', image)).out).toContain(`  ${prediction!.top[0]!.class}`)
    expect(await pilot('predict', 'predicting', 'no.png')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no.png'),
    })
    await writeFile(join(place.folder, 'cut.png'), (await readFile(join(place.folder, image))).subarray(0, 60))
    const mixed = await pilot('predict', 'predicting', 'cut.png', image)
    expect(mixed).toMatchObject({ code: 1, err: expect.stringContaining('cut.png') })
    expect(mixed.out).toContain(`${image}\n  ${prediction!.top[0]!.class}`)
  })

  it('makes a classifier of a run, for programs, and predicts with it', async () => {
    await pilot('run', 'means', ...small, '--out', 'classified')
    const made = await pilot('classifier', 'classified', 'colours.safetensors')
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('4 classes, means on') })
    expect(made.out).toContain('calibrated on 8 test images')
    const image = 'colours/test/blue/test-0.png'
    const byRun = JSON.parse((await pilot('predict', 'classified', image, '--json')).out) as Told[]
    const weights = ['--backbone', 'tiny.safetensors']
    const byFile = await pilot('predict', 'colours.safetensors', image, '--json', ...weights)
    const [told] = JSON.parse(byFile.out) as Told[]
    expect(told!.top.map((each) => each.class)).toEqual(byRun[0]!.top.map((each) => each.class))
    expect(told!.top.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5)
    expect(told!.isUnknown).toBe(told!.unknown! > 0.5)
    const mixed = await pilot('predict', 'colours.safetensors', 'no.png', image, ...weights)
    expect(mixed).toMatchObject({ code: 1, err: expect.stringContaining('no.png') })
    expect(mixed.out).toContain(`  ${told!.top[0]!.class}`)
    expect(await pilot('predict', 'nowhere.safetensors', image)).toMatchObject({ code: 1 })
  })

  it('lists what there is', async () => {
    const methods = (await pilot('list', 'methods')).out
    expect(methods).toMatch(/^means +prototype +nowhere +new classes +@someone\/means$/m)
    expect(methods).toMatch(/^simplecil /m)
    expect((await pilot('list', 'methods', 'means')).out).toMatch(/^scale +1 +of the scores$/m)
    expect((await pilot('list', 'datasets')).out).toMatch(/^icons-100 +100/m)
    expect((await pilot('list', 'backbones')).out).toMatch(/^vit_base_patch16_224\.augreg_in21k /m)
    expect(await pilot('--version')).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' })
    expect((await pilot('--help')).out).toContain('pilot [options] [command]')
  })
})
