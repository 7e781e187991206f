import { describe, expect, it } from 'vitest'
import { duration, count, percent, points } from './format'
import { html, jsonScript, scriptText } from './html'
import { paletteStyle } from './palette'
import { renderReport } from './render-report'
import { reportRuns, uniqueNames } from './report-run'
import type { ReportSource } from './report-source'

const config = (method: string, seed = 1993) => ({
  method,
  data: { name: 'icons' },
  backbone: 'vit-icons',
  stream: { scenario: 'class-incremental', baseClasses: 2, increment: 2 },
  seed,
  engine: 'cpu',
})

/** A run of two tasks, two classes each; the second class is called as if to break a page. */
function run(method: string, seed = 1993): ReportSource {
  const reading = (top1: number, byTask: (number | null)[]) => ({ top1, topK: { k: 2, accuracy: 100 }, byTask })
  const record = (task: number, top1: number, byTask: (number | null)[]) => ({
    task,
    classes: [2 * task, 2 * task + 1],
    classesBefore: 2 * task,
    classesAfter: 2 * task + 2,
    trainImages: 8,
    testImages: 4 * (task + 1),
    trainableParameters: 12_345,
    phases: [{ phase: 'train', trainableParameters: 12_345, losses: [0.5, 0.25] }],
    accuracy: top1,
    readings: { head: reading(top1, byTask) },
  })
  const cost = {
    learnSeconds: 1,
    scoreSeconds: 0.5,
    tensors: 3,
    tensorBytes: 2 ** 20,
    features: { computed: 8, reused: 0 },
  }
  return {
    path: `/runs/${method}`,
    config: config(method, seed),
    records: [record(0, 100, [100, null]), record(1, 62.5, [50, 75])],
    costs: [cost, cost],
    complete: true,
    last: () =>
      Promise.resolve({
        predictions: { keys: ['a', 'b', 'c', 'd'], labels: [0, 1, 2, 3], readings: { head: [0, 2, 2, 3] } },
        mistakes: [{ key: 'b', label: 1, predicted: 2, image: 'data:image/png;base64,AAAA' }],
        classNames: ['cat', '</script><b>', 'dog', 'cow'],
      }),
  }
}

describe('renderReport', () => {
  it('shows pictures that stand in the page itself, and fetches none', async () => {
    const told = run('l2p')
    const mistakes = ['https://elsewhere.example/a.png', 'javascript:alert(1)', 'data:text/html,x'].map((image) => ({
      ...{ key: 'b', label: 1, predicted: 2, image },
    }))
    const last = async () => ({ ...(await told.last()), mistakes })
    const page = renderReport(await reportRuns([{ ...told, last }]), { echarts: '', made: new Date(0) })
    for (const { image } of mistakes) expect(page).not.toContain(image)
  })

  it('puts figures, charts and pictures of every run in one page that asks nothing of the network', async () => {
    const runs = await reportRuns([run('l2p'), run('finetune')])
    const page = renderReport(runs, { echarts: 'var echarts = "</script>"', made: new Date(0) })
    expect(page).toContain('<title>2 runs on icons – pilotjs</title>')
    expect(page).toContain('81.25') // average of 100 and 62.5
    expect(page).toContain('50.00') // forgetting of task 0
    expect(page).toContain('12.3 k')
    expect(page.match(/data-chart="/g)).toHaveLength(1 + 2 * 6)
    expect(page.match(/role="tab"/g)!.length).toBeGreaterThanOrEqual(2)
    expect(page).toContain('alt="&lt;/script&gt;&lt;b&gt;, taken for dog"')
    expect(page.match(/<\/script>/g)).toHaveLength(4)
    expect(page).not.toMatch(/(src|href)="(?!data:)/)
    const data = /id="runs">([^]*?)<\/script>/.exec(page)![1]!
    const [first] = JSON.parse(data) as { charts: Record<string, { cells: number[][]; epochs: unknown[] }> }[]
    expect(first!.charts.matrix!.cells).toEqual([
      [0, 0, 100],
      [0, 1, 50],
      [1, 1, 75],
    ])
    expect(first!.charts.confusion!.cells).toContainEqual([2, 1, 1])
    expect(first!.charts.losses!.epochs).toHaveLength(4)
  })

  it('shows a single run without tabs', async () => {
    const page = renderReport(await reportRuns([run('l2p')]), { echarts: '', made: new Date(0) })
    expect(page).not.toContain('<div class="tabs"')
    expect(page).toContain('<title>l2p on icons – pilotjs</title>')
    expect(() => renderReport([], { echarts: '', made: new Date(0) })).toThrow('at least one run')
  })
})

it('takes seeds of a setting together, in one colour, and lets no picture in that is none', async () => {
  const runs = await reportRuns([run('l2p', 1), run('l2p', 2), run('der', 1)])
  expect(runs.map(({ group, color }) => [group, color])).toEqual([
    ['l2p', 0],
    ['l2p', 0],
    ['der, seed 1', 1],
  ])
  const page = renderReport(runs, { echarts: '', made: new Date(0) })
  expect(page).toContain('81.25 ± 0.00')
  expect(page).not.toContain('Best average')
  const [first] = runs
  const evil = { ...first!.last.mistakes[0]!, image: 'javascript:alert(1)' }
  const tampered = { ...first!, last: { ...first!.last, mistakes: [evil] } }
  expect(renderReport([tampered], { echarts: '', made: new Date(0) })).not.toContain('javascript:alert')
})

it('draws a line a setting, with a band where it stands on several seeds', async () => {
  const page = renderReport(await reportRuns([run('l2p', 1), run('l2p', 2), run('der', 1)]), {
    echarts: '',
    made: new Date(0),
  })
  const lines = JSON.parse(/id="lines">([^]*?)<\/script>/.exec(page)![1]!) as object
  expect(lines).toEqual({
    seen: [2, 4],
    groups: [
      { name: 'l2p', color: 0, other: false, seeds: 2, mean: [100, 62.5], deviation: [0, 0] },
      { name: 'der, seed 1', color: 1, other: false, seeds: 1, mean: [100, 62.5] },
    ],
  })
  expect(page).toContain('l2p, mean ± deviation')
})

it('tells how far settings are apart, seed by seed, against one of several seeds', async () => {
  const page = renderReport(await reportRuns([run('der', 1), run('l2p', 1), run('l2p', 2)]), {
    echarts: '',
    made: new Date(0),
  })
  expect(page).toContain('Differences to l2p')
  expect(page).toContain('0.00 [0.00, 0.00]')
  expect(page).toContain('paired bootstrap')
  const alone = renderReport(await reportRuns([run('l2p', 1)]), { echarts: '', made: new Date(0) })
  expect(alone).not.toContain('Differences to')
})

it('tells what was chosen, out of what, and on what', async () => {
  const source = run('l2p')
  const search = {
    score: 'average incremental accuracy',
    reached: { mean: 71.5, deviation: 0.5, count: 2 },
    sampler: 'halving',
    trials: 9,
    runs: 15,
    seeds: [1, 2],
    on: { data: 'icons', validationFraction: 0.2 },
    space: { rate: { from: 0.001, to: 0.1, scale: 'log' }, epochs: [5, 10] },
    chosen: { rate: 0.02, epochs: 10 },
  }
  const made = { echarts: '', made: new Date(0) }
  const page = renderReport(await reportRuns([{ ...source, config: { ...source.config, tuning: search } }]), made)
  for (const told of [
    'best of 9 draws',
    '20 % of the training images',
    'not read',
    '0.001 … 0.1, log',
    '71.50 ± 0.50 %',
  ])
    expect(page).toContain(told)
  expect(renderReport(await reportRuns([source]), made)).not.toContain('Options that were chosen')
})

it('has a colour for any number of methods, no two alike', () => {
  const [light] = paletteStyle(40).split('\n')
  const colors = [...light!.matchAll(/--s\d+: ([^;]+);/g)].map(([, color]) => color)
  expect(colors).toHaveLength(40)
  expect(new Set(colors).size).toBe(40)
})

it('names runs by method, then seed, then folder', () => {
  expect(uniqueNames([run('a'), run('b')])).toEqual(['a', 'b'])
  expect(uniqueNames([run('a', 1), run('a', 2)])).toEqual(['a, seed 1', 'a, seed 2'])
  expect(uniqueNames([run('a'), { ...run('a'), path: '/runs/x' }])).toEqual(['a (a)', 'a (x)'])
})

it('escapes what goes into a page', () => {
  expect(html`<p title="${'"<>'}">${['a&', null, html`<b>${1}</b>`]}</p>`.text).toBe(
    '<p title="&quot;&lt;&gt;">a&amp;<b>1</b></p>',
  )
  expect(jsonScript({ a: '</script>' }).text).toBe('{"a":"\\u003c/script>"}')
  expect(scriptText('"</script>"').text).toBe('"<\\/script>"')
})

it('writes numbers for people', () => {
  expect([0.85, 12.34, 245, 3599.7, 7800].map(duration)).toEqual([
    '850 ms',
    '12.3 s',
    '4 min 05 s',
    '1 h 00 min',
    '2 h 10 min',
  ])
  expect([9999, 56_789, 85_798_656].map(count)).toEqual(['9,999', '56.8 k', '85.80 M'])
  expect([percent(83.257), percent(null), percent(NaN), points(-0.001), points(-3.1)]).toEqual([
    '83.26 %',
    '–',
    '–',
    '0.00',
    '-3.10',
  ])
})
