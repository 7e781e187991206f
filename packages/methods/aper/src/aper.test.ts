import { createContext } from '@pilotjs/core'
import { memoryFeatureCache } from '@pilotjs/core/features'
import { readPilotConfig } from '@pilotjs/core/pilot-config'
import { keepsTheContract, patternImages, patternTask, pilotConfig, tinyBackbone } from '@pilotjs/testing'
import { describe, expect, it } from 'vitest'
import { aper } from './aper'

const quick = { epochs: 1, batchSize: 10, bottleneck: 2, promptLength: 2 }
const plan = { totalClasses: 4, baseClasses: 2, increment: 2 }

/** PILOT's `exps/aper_aperpter.json` (sic), and what its siblings change. */
const config = pilotConfig({ model_name: 'aper_adapter' }, 'firstTask')

describe('aper', () => {
  keepsTheContract(aper, { epochs: 3, batchSize: 5, bottleneck: 4, learningRate: 0.1 })

  it.each(['ssf', 'vpt-deep', 'vpt-shallow', 'finetune'] as const)(
    'adapts by %s on the first task only',
    async (tuning) => {
      const backbone = tinyBackbone()
      const learner = aper({ ...quick, tuning }).create({ backbone, seed: 1, plan })
      /** What the tuned network holds, by name. */
      const tuned = () =>
        Object.fromEntries(
          Object.entries(learner.state().tensors).flatMap(([name, tensor]) =>
            name.startsWith('net.') ? [[name, Array.from(tensor.dataSync())]] : [],
          ),
        )
      const steps = [0, 0]
      let start = {}
      const context = createContext({
        seed: 1,
        onProgress(event, task) {
          if (event.kind === 'phase' && event.phase === 'train') start = tuned()
          if (event.kind === 'step') steps[task.index]!++
        },
      })
      const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]
      // While it is to be trained, nobody may keep its features.
      expect(learner.extractor.parts![1]!.id).toBeUndefined()
      await learner.learn(tasks[0]!, context(tasks[0]!))
      const adapted = tuned()
      const id = await learner.extractor.parts![1]!.id!()
      await learner.learn(tasks[1]!, context(tasks[1]!))
      expect(steps).toEqual([2, 0])
      expect(Object.keys(adapted)).toEqual(Object.keys(start))
      expect(adapted).not.toEqual(start)
      expect(tuned()).toEqual(adapted)
      expect(await learner.extractor.parts![1]!.id!()).toBe(id)
      expect(await learner.extractor.parts![0]!.id!()).toBe(await backbone.fingerprint())
      learner.dispose()
      backbone.dispose()
    },
  )

  it('computes both networks’ features of an image once', async () => {
    const backbone = tinyBackbone()
    const learner = aper(quick).create({ backbone, seed: 1, plan })
    const features = memoryFeatureCache()
    const context = createContext({ seed: 1, features })
    const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3])]
    const exam = patternImages([0, 1, 2], 'exam')
    for (const task of tasks) {
      await learner.learn(task, context(task))
      const extracted = await features.extract(exam, learner.extractor)
      extracted.dispose()
    }
    expect(features.stats).toEqual({ computed: 2 * (20 + 20 + 3), reused: 2 * 3 })
    learner.dispose()
    backbone.dispose()
  })

  it('reads PILOT’s exps/aper_*.json', () => {
    expect(readPilotConfig(config, aper).options).toEqual(aper().options)
    const tuningOf = (change: object) => readPilotConfig({ ...config, ...change }, aper).options.tuning
    expect(tuningOf({ model_name: 'aper_ssf', backbone_type: 'pretrained_vit_b16_224_ssf' })).toBe('ssf')
    expect(tuningOf({ model_name: 'aper_vpt', backbone_type: 'pretrained_vit_b16_224_vpt' })).toBe('vpt-shallow')
    expect(tuningOf({ model_name: 'aper_vpt', backbone_type: 'pretrained_vit_b16_224_vpt', vpt_type: 'deep' })).toBe(
      'vpt-deep',
    )
    expect(tuningOf({ model_name: 'aper_finetune', backbone_type: 'pretrained_vit_b16_224' })).toBe('finetune')
    const { backbone, options } = readPilotConfig(
      { model_name: 'adam_bn', convnet_type: 'pretrained_resnet18', tuned_epoch: 10, init_lr: 0.01, batch_size: 192 },
      aper,
    )
    expect({ backbone, ...options }).toMatchObject({ backbone: 'resnet18.tv_in1k', tuning: 'batchnorm', epochs: 10 })
    expect(readPilotConfig({ ...config, optimizer: 'adam' }, aper).options.optimizer).toBe('adamw')
  })
})
