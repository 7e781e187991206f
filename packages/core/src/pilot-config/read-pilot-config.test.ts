import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { defineMethod } from '../learning/define-method'
import type { JsonValue } from '../contracts/tensors'
import { pilotModelName, readPilotConfig } from './read-pilot-config'

const method = defineMethod({
  name: 'sample',
  family: 'adapter',
  paper: { title: 'Sample', venue: 'none', url: 'https://example.org' },
  options: z.strictObject({
    epochs: z.int().positive().default(5),
    rank: z.int().default(64),
    memory: z.object({ total: z.int() }).optional(),
    tuning: z.enum(['adapter', 'ssf']).default('adapter'),
  }),
  pilot: {
    modelNames: ['sample_adapter', 'sample_ssf'],
    implied: (name) => ({ tuning: name.replace('sample_', '') }),
    keys: {
      tuned_epoch: 'epochs',
      ffn_num: 'rank',
      memory_size: {
        read: (value, config): Record<string, JsonValue> => (config.fixed_memory ? {} : { memory: { total: value } }),
      },
      vpt_type: { ignored: 'only VPT has prompts' },
      optimizer: { accepts: ['sgd', ['sgd', { nesterov: false }]], reason: 'PILOT calls AdamW "adam" here' },
    },
  },
  create: () => {
    throw new Error('not made in this test')
  },
})

const config = {
  prefix: 'reproduce',
  dataset: 'cifar224',
  memory_size: 2000,
  memory_per_class: 20,
  fixed_memory: false,
  shuffle: true,
  init_cls: 10,
  increment: 5,
  model_name: 'sample_ssf',
  backbone_type: 'pretrained_vit_b16_224_in21k_adapter',
  device: ['0', '1'],
  seed: [1993, 1996],
  tuned_epoch: 20,
  vpt_type: 'deep',
  optimizer: 'sgd',
  pretrained: true,
  drop: 0.0,
}

describe('readPilotConfig', () => {
  it('maps, ignores with a reason, or takes every key', () => {
    const { ignored, ...rest } = readPilotConfig(config, method)
    expect(rest).toEqual({
      dataset: 'cifar224',
      backbone: 'vit_base_patch16_224.augreg_in21k',
      baseClasses: 10,
      increment: 5,
      shuffle: true,
      seeds: [1993, 1996],
      options: { epochs: 20, rank: 64, tuning: 'ssf', memory: { total: 2000 } },
    })
    const reasons = Object.fromEntries(ignored.map(({ key, reason }) => [key, reason]))
    expect(Object.keys(reasons).sort()).toEqual(['device', 'fixed_memory', 'memory_per_class', 'prefix', 'vpt_type'])
    expect(reasons.vpt_type).toBe('only VPT has prompts')
    expect(reasons.device).toMatch(/engine/)
  })

  it('leaves alone what PILOT has for other methods, and reads seeds that are written as text', () => {
    const { ignored, seeds } = readPilotConfig(
      { model_name: 'sample_adapter', seed: ['1993', 7], init_lr: 0.01, min_lr: 0 },
      method,
    )
    expect(seeds).toEqual([1993, 7])
    expect(ignored).toEqual([
      { key: 'init_lr', reason: 'sample_adapter has no use for it' },
      { key: 'min_lr', reason: 'sample_adapter has no use for it' },
    ])
    expect(readPilotConfig({ model_name: 'sample_adapter', seed: '1993' }, method).seeds).toEqual([1993])
    expect(() => readPilotConfig({ model_name: 'sample_adapter', seed: 'x' }, method)).toThrow(/seed must be/)
  })

  it("fills in what a config leaves out, and leaves backbones alone that are not PILOT's", () => {
    expect(readPilotConfig({ model_name: 'sample_adapter', seed: 7, backbone_type: 'resnet18' }, method)).toEqual({
      dataset: undefined,
      backbone: 'resnet18',
      baseClasses: undefined,
      increment: undefined,
      shuffle: true,
      seeds: [7],
      options: { epochs: 5, rank: 64, tuning: 'adapter' },
      ignored: [],
    })
  })

  it('refuses everything it cannot follow, in one message', () => {
    const wrong = { ...config, tuned_epoch: 0, optimizer: 'adam', tuned_epohc: 3, init_cls: -1, drop: 0.1, seed: [] }
    const read = () => readPilotConfig(wrong, method)
    expect(read).toThrow(/tuned_epoch, read as option epochs: /)
    expect(read).toThrow(/optimizer is "adam", understood is "sgd" or .*: PILOT calls AdamW "adam" here/)
    expect(read).toThrow(/tuned_epohc is not a key that sample_ssf has; did you mean "tuned_epoch"\?/)
    expect(read).toThrow(/init_cls must be a number of classes, is -1/)
    expect(read).toThrow(/drop is 0.1, understood is 0/)
    expect(read).toThrow(/seed must be a whole number .* or a list of them, is \[\]/)
  })

  it('compares accepted values by content', () => {
    expect(() => readPilotConfig({ ...config, optimizer: ['sgd', { nesterov: false }] }, method)).not.toThrow()
    expect(() => readPilotConfig({ ...config, optimizer: ['sgd', { nesterov: true }] }, method)).toThrow(/optimizer/)
    expect(() => readPilotConfig({ ...config, optimizer: null }, method)).toThrow(/optimizer is null/)
  })

  it('refuses configs of other methods, and what is none', () => {
    expect(() => readPilotConfig({ model_name: 'l2p' }, method)).toThrow(
      /model_name is "l2p"; .* sample_adapter, sample_ssf/,
    )
    expect(() => readPilotConfig([1], method)).toThrow(/is a JSON object/)
    expect(() => readPilotConfig(config, { ...method, pilot: undefined })).toThrow(/does not read PILOT configs/)
    expect(pilotModelName(config)).toBe('sample_ssf')
    expect(pilotModelName({ model_name: 'adam_vpt' })).toBe('aper_vpt')
    for (const other of [{ method: 'l2p' }, { model_name: 3 }, ['model_name'], null])
      expect(pilotModelName(other)).toBeUndefined()
  })

  it("takes configs of PILOT's earlier versions", () => {
    const { backbone_type: convnet, ...rest } = config
    expect(readPilotConfig({ ...rest, convnet_type: convnet }, method)).toEqual(readPilotConfig(config, method))
  })

  it('is not led astray by names of JavaScript', () => {
    const hostile = JSON.parse('{"model_name":"sample_ssf","__proto__":1,"constructor":2}') as unknown
    expect(() => readPilotConfig(hostile, method)).toThrow(/__proto__ is not a key[^]*constructor is not a key/)
  })
})
