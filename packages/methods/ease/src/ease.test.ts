import { readPilotConfig } from '@pilotjs/core/pilot-config'
import type { StreamPlan } from '@pilotjs/core'
import { contextOf, keepsTheContract, patternTask, pilotConfig, tinyBackbone } from '@pilotjs/testing'
import type * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { ease } from './ease'

const quick = { epochs: 1, batchSize: 10, bottleneck: 2 }
const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3]), patternTask(2, [4, 5])]

const evenPlan = { totalClasses: 6, baseClasses: 2, increment: 2 }

/** The prototypes after these tasks, how many steps each of them trained, and the first adapters after each. */
async function learnedWith(
  options: Parameters<typeof ease>[0],
  { plan, stream = tasks }: { plan?: StreamPlan; stream?: typeof tasks } = { plan: evenPlan },
): Promise<{ rows: number[][]; steps: number[]; adapters: number[][] }> {
  const backbone = tinyBackbone()
  const learner = ease({ ...quick, ...options }).create({ backbone, seed: 1, ...(plan && { plan }) })
  const steps = stream.map(() => 0)
  const adapters: number[][] = []
  const context = contextOf(stream, {
    seed: 1,
    onProgress: (event, task) => event.kind === 'step' && steps[task.index]!++,
  })
  for (const task of stream) {
    await learner.learn(task, context(task))
    const { tensors } = learner.state()
    adapters.push(Array.from(tensors['nets.0.blocks.1.adaptmlp.down_proj.weight']!.dataSync()))
  }
  const rows = (learner.state().tensors['head.weight'] as tf.Tensor2D).arraySync()
  learner.dispose()
  backbone.dispose()
  return { rows, steps, adapters }
}

const isZero = (row: number[], subspace: number) =>
  row.slice(subspace * 16, (subspace + 1) * 16).every((value) => value === 0)

describe('ease', () => {
  keepsTheContract(ease, { ...quick, epochs: 3, batchSize: 5, bottleneck: 4 })

  it('fills every class in every subspace', async () => {
    const { rows, adapters } = await learnedWith({})
    // What a task has trained, no later one moves.
    expect(adapters[2]).toEqual(adapters[0])
    expect(rows.flatMap((row) => [0, 1, 2].map((subspace) => isZero(row, subspace)))).not.toContain(true)
  })

  it('leaves other subspaces empty with onlyOwnSubspace', async () => {
    const { rows } = await learnedWith({ onlyOwnSubspace: true, usePretrained: true })
    // The pre-trained network's subspace comes first.
    expect(rows.map((row) => [0, 1, 2, 3].map((subspace) => isZero(row, subspace)))).toEqual(
      [0, 0, 1, 1, 2, 2].map((task) => [false, ...[0, 1, 2].map((subspace) => subspace !== task)]),
    )
  })

  it('takes old classes’ prototypes from their images with useOldData', async () => {
    const [whole, kept] = [await learnedWith({}), await learnedWith({ useOldData: true })]
    const old = ({ rows }: { rows: number[][] }) => rows[0]!.slice(16)
    expect(old(kept)).not.toEqual(old(whole))
    expect(kept.rows[5]).toEqual(whole.rows[5])
  })

  it('trains the first tasks only with adapterLimit', async () => {
    const { rows, steps } = await learnedWith({ adapterLimit: 1, usePretrained: true })
    expect(steps).toEqual([2, 0, 0])
    expect([0, 1, 2, 3].map((subspace) => isZero(rows[5]!, subspace))).toEqual([false, false, true, true])
  })

  it('needs no plan where tasks are as large as the first', async () => {
    const [planned, unplanned] = [await learnedWith({}), await learnedWith({}, {})]
    expect(unplanned.rows).toEqual(planned.rows)
  })

  it('trains tasks of another size than the first with settings of their own', async () => {
    const uneven = [patternTask(0, [0, 1]), patternTask(1, [2], 2)]
    const plan = { totalClasses: 3, baseClasses: 2, increment: 1 }
    const later = { laterEpochs: 3 }
    expect((await learnedWith(later)).steps).toEqual([2, 2, 2])
    expect((await learnedWith(later, { plan, stream: uneven })).steps).toEqual([2, 3])
    expect((await learnedWith(later, { stream: uneven })).steps).toEqual([2, 3])
  })

  it('reads PILOT’s exps/ease.json', () => {
    const config = pilotConfig({
      init_cls: 5,
      increment: 5,
      model_name: 'ease',
      backbone_type: 'vit_base_patch16_224_ease',
      init_epochs: 20,
      init_lr: 0.025,
      later_epochs: 20,
      later_lr: 0.025,
      batch_size: 48,
      weight_decay: 0.0005,
      min_lr: 0,
      optimizer: 'sgd',
      scheduler: 'cosine',
      pretrained: true,
      vpt_type: 'Deep',
      prompt_token_num: 5,
      ffn_num: 64,
      use_diagonal: false,
      recalc_sim: true,
      alpha: 0.1,
      use_init_ptm: false,
      beta: 0,
      use_old_data: false,
      use_reweight: true,
      moni_adam: false,
      adapter_num: -1,
    })
    expect(readPilotConfig(config, ease).options).toEqual({
      ...ease().options,
      laterEpochs: 20,
      laterLearningRate: 0.025,
    })
    const few = readPilotConfig({ ...config, moni_adam: true, adapter_num: 2 }, ease).options
    expect(few).toMatchObject({ adapterLimit: 2, usePretrained: true })
  })
})
