import type { Method } from '@pilotjs/core'
import { memoryFeatureCache } from '@pilotjs/core/features'
import { demoMethods } from '@pilotjs/cli'
import { classIncremental, transformsFor } from '@pilotjs/data'
import { evaluate, summarize, type TaskCost } from '@pilotjs/eval'
import { loadIcons100 } from '@pilotjs/icons-100'
import { loadVitIcons } from '@pilotjs/vit-icons'
import { performance } from 'node:perf_hooks'
import type { Row } from '../measure'
import { withWaiting } from '../waiting'

/**
 * The demo's runs, with what a user does not see: how long training waited for images, whether memory grows with the tasks,
 * and how often each image's features were computed.
 * @param names methods by name; default: all of the demo
 */
export async function runs(names: readonly string[] = Object.keys(demoMethods)): Promise<Row[]> {
  const backbone = await loadVitIcons()
  const transforms = transformsFor(backbone.preprocessing)
  const dataset = await loadIcons100()
  const rows: Row[] = []
  for (const name of names) {
    const { default: method } = (await import(`@pilotjs/${name}`)) as { default: Method }
    const stream = classIncremental(dataset, { increment: 10, transforms })
    const waiting = { milliseconds: 0, batches: 0 }
    const tasks = stream.tasks.map((task) => ({ ...task, train: withWaiting(task.train, waiting) }))
    const learner = method(demoMethods[name]).create({ backbone, seed: 1993, plan: stream.plan })
    const features = memoryFeatureCache()
    const costs: TaskCost[] = []
    const start = performance.now()
    const records = await evaluate({
      learner,
      stream: { ...stream, tasks },
      seed: 1993,
      features,
      residentMemory: () => process.memoryUsage().rss,
      afterTask: ({ cost }) => void costs.push(cost),
    })
    const seconds = (performance.now() - start) / 1000
    learner.dispose()
    const learning = costs.reduce((sum, { learnSeconds }) => sum + learnSeconds, 0)
    const megabytes = (cost: TaskCost) => (cost.rssBytes ?? 0) / 2 ** 20
    rows.push({
      method: name,
      seconds,
      'last accuracy %': summarize(records).lastAccuracy,
      'waiting for images %': (100 * waiting.milliseconds) / (1000 * learning),
      'features computed': features.stats.computed,
      'features found': features.stats.reused,
      'tensors after task 2': costs[1]!.tensors,
      'tensors at the end': costs.at(-1)!.tensors,
      'RSS MB after task 2': megabytes(costs[1]!),
      'RSS MB at the end': megabytes(costs.at(-1)!),
    })
  }
  backbone.dispose()
  return rows
}
