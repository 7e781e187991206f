import { expect, it } from 'vitest'
import { WEIGHTS } from './figure'
import { pilotSetting } from './pilot-settings'
import { settingToReproduce } from './setting-to-reproduce'

it.each([
  ['l2p', 'cifar224', { increment: 10, backbone: WEIGHTS.in1k }],
  ['dualprompt', 'imagenetr', { increment: 20, backbone: WEIGHTS.in1k }],
  ['ranpac', 'cub', { increment: 20, backbone: WEIGHTS.in21k }],
  ['l2p', 'icons-100', { increment: 10, backbone: 'vit-icons' }],
  ['l2p', './photos', { increment: 10, backbone: WEIGHTS.in1k }],
])('%s on %s', (method, data, expected) => {
  expect(settingToReproduce({ method, data })).toEqual({ method, data, ...expected })
})

it('keeps to what is asked for', () => {
  const wanted = { method: 'l2p', data: 'cifar224', increment: 5, backbone: WEIGHTS.in21k }
  expect(settingToReproduce(wanted)).toEqual(wanted)
})

it("says what PILOT's configs set", () => {
  expect(pilotSetting('aper-vpt-deep', 'imagenetr')).toEqual({
    modelName: 'aper_vpt',
    keys: { vpt_type: 'deep', prompt_token_num: 30, init_lr: 0.05, batch_size: 24 },
    seeds: [1993],
    shuffle: true,
  })
  expect(pilotSetting('coda-prompt', 'cifar224')).toMatchObject({
    modelName: 'coda_prompt',
    seeds: [0],
    shuffle: false,
  })
  expect(pilotSetting('l2p', 'cub')).toMatchObject({ modelName: 'l2p', keys: {} })
})
