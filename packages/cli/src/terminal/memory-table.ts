import { imageBytes, learnerMemory, memoryAreas, memoryRows } from '@pilotjs/eval'
import type { Comparison, LearnerMemory } from '@pilotjs/eval'
import { openLearner } from '@pilotjs/experiment'
import { registryOf } from '../registry'
import { columns } from './columns'
import { oneLine } from './harmless'
import type { FinishedRun } from './results-table'
import type { Terminal } from './terminal'

/**
 * What methods keep, models and exemplars in one currency, and the area under what they reach at several memories. Learners are
 * opened for it, which takes their backbones.
 * @param image bytes of an exemplar; default: of an image as the first run's data have it
 */
export async function memoryTable(
  comparisons: readonly Comparison<FinishedRun>[],
  image: number | undefined,
  terminal: Terminal,
): Promise<string> {
  const { colors: c, cwd, signal } = terminal
  const options = { cwd, registry: registryOf(cwd), signal }
  let bytes = image
  const found = []
  for (const { name, runs, measures } of comparisons) {
    const kept: LearnerMemory[] = []
    for (const run of runs) {
      const opened = await openLearner(run.path, options)
      try {
        kept.push(learnerMemory(opened.learner.state(), opened.backbone))
        if (bytes === undefined) {
          const { height, width } = await (await opened.dataset()).train.read(0)
          bytes = imageBytes(height, width)
        }
      } finally {
        await opened.close()
      }
    }
    const most = (of: (memory: LearnerMemory) => number) => Math.max(...kept.map(of))
    found.push({
      name,
      method: runs[0]!.config.method,
      memory: { parameters: most(({ parameters }) => parameters), exemplars: most(({ exemplars }) => exemplars) },
      averageIncrementalAccuracy: measures.averageIncrementalAccuracy!.mean,
      lastAccuracy: measures.lastAccuracy!.mean,
    })
  }
  const rows = memoryRows(found, bytes!)
  const areas = memoryAreas(rows)
  const right = (count: number) => ['left' as const, ...Array.from({ length: count }, () => 'right' as const)]
  const heads = (...names: string[]) => names.map((name) => c.dim(name))
  return [
    'Memory:',
    columns(
      heads('', 'model, MB', 'exemplars', 'MB', 'together, MB', 'average, %', 'last, %', 'exemplars for the largest'),
      rows.map((row) => [
        oneLine(row.name),
        row.modelMegabytes.toFixed(1),
        row.memory.exemplars.toLocaleString('en-US'),
        row.exemplarMegabytes.toFixed(1),
        row.megabytes.toFixed(1),
        row.averageIncrementalAccuracy.toFixed(2),
        row.lastAccuracy.toFixed(2),
        row.alignedExemplars.toLocaleString('en-US'),
      ]),
      right(7),
    ),
    ...(areas.length === 0
      ? []
      : [
          'Area under accuracy over memory:',
          columns(
            heads('', 'budgets', 'MB', 'AUC-A', 'AUC-L'),
            areas.map(({ method, budgets, from, to, average, last }) => [
              oneLine(method),
              String(budgets),
              `${from.toFixed(1)} … ${to.toFixed(1)}`,
              average.toFixed(2),
              last.toFixed(2),
            ]),
            right(4),
          ),
        ]),
    c.dim(
      `4 bytes a number, ${bytes!.toLocaleString('en-US')} an exemplar (Zhou et al., TPAMI 2024, § 5); compare areas over the same memories only.`,
    ),
  ].join('\n')
}
