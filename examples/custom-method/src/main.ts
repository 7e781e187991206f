import { memoryFeatureCache } from '@pilotjs/core/features'
import { selectEngine } from '@pilotjs/core/node'
import { classIncremental, transformsFor } from '@pilotjs/data'
import { evaluate, summarize } from '@pilotjs/eval'
import { loadIcons100 } from '@pilotjs/icons-100'
import { loadVitIcons } from '@pilotjs/vit-icons'
import { alignedProbe } from './aligned-probe'

await selectEngine('auto')
const backbone = await loadVitIcons()
const transforms = transformsFor(backbone.preprocessing)
const stream = classIncremental(await loadIcons100(), { baseClasses: 10, increment: 30, transforms })
const learner = alignedProbe().create({ backbone, seed: 1993, plan: stream.plan })

const records = await evaluate({
  learner,
  stream,
  seed: 1993,
  features: memoryFeatureCache(),
  onEvent: (event) => event.kind === 'task' && console.log(`learning task ${event.task} …`),
})
const { averageIncrementalAccuracy, forgetting } = summarize(records)
console.log(
  `average incremental accuracy ${averageIncrementalAccuracy.toFixed(1)} %, forgetting ${forgetting.toFixed(1)}`,
)
