import { memoryFeatureCache } from '@pilotjs/core/features'
import { selectEngine } from '@pilotjs/core/node'
import { classIncremental, transformsFor } from '@pilotjs/data'
import { evaluate, summarize } from '@pilotjs/eval'
import { loadIcons100 } from '@pilotjs/icons-100'
import { simplecil } from '@pilotjs/simplecil'
import { loadVitIcons } from '@pilotjs/vit-icons'

await selectEngine('auto')
const backbone = await loadVitIcons()
const transforms = transformsFor(backbone.preprocessing)
const stream = classIncremental(await loadIcons100(), { increment: 10, transforms })

const learner = simplecil().create({ backbone, seed: 1993, plan: stream.plan })
const records = await evaluate({ learner, stream, seed: 1993, features: memoryFeatureCache() })

for (const { task, classesAfter, accuracy } of records)
  console.log(`after task ${task}: ${accuracy.toFixed(1)} % of ${classesAfter} classes`)
console.log(`average incremental accuracy: ${summarize(records).averageIncrementalAccuracy.toFixed(1)} %`)
