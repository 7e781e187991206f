import '@tensorflow/tfjs-backend-cpu'
import { memoryFeatureCache } from '@pilotjs/core/features'
import { digestStream } from '@pilotjs/data'
import { tinyLearner, tinyStream } from '@pilotjs/testing/tiny'
import * as tf from '@tensorflow/tfjs-core'
import { runInDirectory } from '../run-directory/run-in-directory'
import { createRun, resumeRun } from '../run-directory/write-run'
import { tinyConfig } from './tiny-config'

/**
 * A run in a process of its own: `create|resume FOLDER [KILL]`; it kills itself (-9) at `step N` or as it saves task N (`save
 * N`).
 */
const [mode, folder, kill = ''] = process.argv.slice(2)
const [what, when] = kill.split(' ')
const die = () => process.kill(process.pid, 'SIGKILL')

tf.enableProdMode()
await tf.setBackend('cpu')
const run = mode === 'create' ? await createRun(folder!, tinyConfig, await digestStream(tinyStream())) : await resumeRun(folder!)
const learner = tinyLearner({
  pause: () => new Promise((resolve) => setTimeout(resolve, what === 'hold' ? 10_000 : 0)),
})
const state = learner.state.bind(learner)
learner.state = () => {
  if (what === 'save' && run.records.length === Number(when)) die()
  return state()
}
let steps = 0
await runInDirectory({
  run,
  learner,
  stream: tinyStream(),
  preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  features: memoryFeatureCache(),
  onEvent(event) {
    if (event.kind !== 'learning' || event.event.kind !== 'step') return
    if (steps === 0) process.stdout.write('learning\n')
    if (what === 'step' && steps === Number(when)) die()
    steps++
  },
})
await run.release()
process.stdout.write('done\n')
