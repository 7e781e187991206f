import { memoryFeatureCache } from '@pilotjs/core/features'
import { selectEngine } from '@pilotjs/core/node'
import { transformsFor } from '@pilotjs/data'
import { evaluate, mainReading } from '@pilotjs/eval'
import { loadIcons100 } from '@pilotjs/icons-100'
import { simplecil } from '@pilotjs/simplecil'
import { loadVitIcons } from '@pilotjs/vit-icons'
import { byTheme } from './by-theme'

await selectEngine('auto')
const backbone = await loadVitIcons()
const themes = { animals: ['cat', 'fish'], vehicles: ['car', 'bus', 'bicycle'], food: ['cake', 'carrot'] }
const stream = byTheme(await loadIcons100(), { themes, transforms: transformsFor(backbone.preprocessing) })
const learner = simplecil().create({ backbone, seed: 1993, plan: stream.plan })
const records = await evaluate({ learner, stream, seed: 1993, features: memoryFeatureCache() })

Object.keys(themes).forEach((theme, task) => {
  const byTask = mainReading(records.at(-1)!).byTask[task]!
  console.log(`${theme}: ${byTask.toFixed(1)} % at the end of the stream`)
})
