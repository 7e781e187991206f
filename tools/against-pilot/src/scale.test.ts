import { expect, it } from 'vitest'
import { scaledConfig } from './scale'

const lae = { tuned_epoch: 5, num_freeze_epochs: 3, batch_size: 128, init_cls: 10, increment: 10, pet_cls: 'Prefix' }

it('caps what a config has, adds nothing to it', () => {
  expect(scaledConfig(lae, { epochs: 3, batchSize: 32, increment: 5, memory: 100, memoryPerClass: 5 })).toEqual({
    ...lae,
    tuned_epoch: 3,
    num_freeze_epochs: 1,
    batch_size: 32,
    init_cls: 5,
    increment: 5,
  })
})

it('leaves alone what is small enough or not asked for', () => {
  expect(scaledConfig(lae, { epochs: 100, batchSize: 200 })).toEqual(lae)
  expect(scaledConfig({ memory_size: 2000, memory_per_class: 20 }, { memory: 100 })).toEqual({
    memory_size: 100,
    memory_per_class: 20,
  })
})
