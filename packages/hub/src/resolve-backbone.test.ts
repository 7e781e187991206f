import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createVit, initVit } from '@pilotjs/core/backbones'
import { createRng } from '@pilotjs/core/random'
import { writeSafetensors } from '@pilotjs/core/safetensors'
import type { Backbone } from '@pilotjs/core'
import type { VitConfig } from '@pilotjs/core/backbones'
import { type HubServer, startHubServer } from './__fixtures__/hub-server'
import { registerBackbone } from './registry'
import { resolveBackbone } from './resolve-backbone'

const config: VitConfig = { imageSize: 16, patchSize: 8, width: 32, depth: 2, heads: 4 }
const card = {
  architecture: 'vit_small_sample',
  model_args: { num_heads: 4, class_token: true },
  pretrained_cfg: {
    tag: 'test',
    mean: [0.1, 0.2, 0.3],
    std: [1, 1, 1],
    crop_pct: 0.9,
    interpolation: 'bilinear',
    url: '',
  },
}

let folder: string
let weights: Uint8Array
let reference: Backbone
let hub: HubServer
const images = tf.tensor4d(createRng(2).normals(2 * 16 * 16 * 3, 0, 1), [2, 16, 16, 3])
const featuresOf = (backbone: Backbone) => tf.tidy(() => Array.from(backbone.features(images).dataSync()))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilot-backbone-'))
  const parameters = initVit(config, createRng(1))
  const head = tf.zeros([10, 32])
  weights = await writeSafetensors({ ...parameters, 'head.weight': head, 'head.bias': tf.zeros([10]) })
  reference = createVit(config, parameters)
  hub = await startHubServer({
    'model.safetensors': weights,
    'config.json': new TextEncoder().encode(JSON.stringify(card)),
  })
  await writeFile(join(folder, 'plain.safetensors'), weights)
  await mkdir(join(folder, 'with-card'))
  await writeFile(join(folder, 'with-card/model.safetensors'), weights)
  await writeFile(join(folder, 'with-card/config.json'), JSON.stringify(card))
  await mkdir(join(folder, 'empty'))
  vi.stubEnv('PILOT_CACHE', join(folder, 'cache'))
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  await hub.close()
  await rm(folder, { recursive: true })
})

describe('resolveBackbone', () => {
  it('reads a folder with weights and a card', async () => {
    const backbone = await resolveBackbone(join(folder, 'with-card'))
    expect(featuresOf(backbone)).toEqual(featuresOf(reference))
    expect(backbone.name).toBe('vit_small_sample.test')
    expect(backbone.preprocessing).toEqual({
      inputSize: [16, 16],
      mean: [0.1, 0.2, 0.3],
      std: [1, 1, 1],
      cropFraction: 0.9,
      interpolation: 'bilinear',
    })
    expect(backbone.parameters).not.toHaveProperty('head.weight')
    backbone.dispose()
  })

  it('reads a file alone, where what shapes do not tell is given', async () => {
    const path = join(folder, 'plain.safetensors')
    await expect(resolveBackbone(path)).rejects.toThrow(
      /plain\.safetensors: .*width 32 is no multiple of 64; say how many/,
    )
    const backbone = await resolveBackbone(path, { config: { heads: 4 }, preprocessing: { mean: [0, 0, 0] } })
    expect(featuresOf(backbone)).toEqual(featuresOf(reference))
    expect(backbone.preprocessing.mean).toEqual([0, 0, 0])
    const larger = await resolveBackbone(path, { config: { heads: 4 }, imageSize: 32 })
    expect(larger.preprocessing.inputSize).toEqual([32, 32])
    expect(larger.parameters.pos_embed!.shape).toEqual([1, 17, 32])
    expect(await larger.fingerprint()).not.toBe(await backbone.fingerprint())
    const same = await resolveBackbone(path, { config: { heads: 4 } })
    expect(await same.fingerprint()).toBe(await backbone.fingerprint())
  })

  it('downloads a repository of the Hub', async () => {
    const cache = join(folder, 'from-hub')
    const options = { cache, endpoint: hub.endpoint }
    hub.answers.push('redirect', 'truncate')
    const backbone = await resolveBackbone('hf:some/model', options)
    expect(featuresOf(backbone)).toEqual(featuresOf(reference))
    expect(backbone.name).toBe('vit_small_sample.test')
    // What rots on the disk is noticed, dropped and fetched anew.
    const stored = join(cache, 'some--model/main/model.safetensors')
    const bytes = await readFile(stored)
    bytes[bytes.length - 1]! ^= 1
    await writeFile(stored, bytes)
    await expect(resolveBackbone('hf:some/model', { ...options, offline: true })).rejects.toThrow(
      /checksum is not that of the download any more.*removed from the cache/,
    )
    expect(featuresOf(await resolveBackbone('hf:some/model', options))).toEqual(featuresOf(reference))
  })

  it('understands addresses of the Hub, and says how to write one', async () => {
    const options = { cache: join(folder, 'addresses'), endpoint: hub.endpoint }
    const backbone = await resolveBackbone('https://huggingface.co/some/model/blob/main/model.safetensors', options)
    expect(featuresOf(backbone)).toEqual(featuresOf(reference))
    backbone.dispose()
    await expect(resolveBackbone('some/model', options)).rejects.toThrow(/for a model of the Hub, write hf:some\/model/)
    await expect(resolveBackbone('timm/no_such_model', options)).rejects.toThrow(
      /timm\/no_such_model\/config\.json.*404/,
    )
  })

  it('loads what a package has registered', async () => {
    registerBackbone({ name: 'registered-sample', load: () => Promise.resolve(reference) })
    expect(await resolveBackbone('registered-sample')).toBe(reference)
  })

  it('names the remedy for what it cannot find', async () => {
    await expect(resolveBackbone('vit_bse_patch16_224')).rejects.toThrow(/did you mean "vit_base_patch16_224"/)
    await expect(resolveBackbone('./no/such.safetensors')).rejects.toThrow(
      /no file or folder \.\/no\/such\.safetensors/,
    )
    await expect(resolveBackbone(join(folder, 'empty'))).rejects.toThrow(/empty holds no \.safetensors file/)
    vi.stubEnv('HF_HUB_OFFLINE', 'true')
    await expect(resolveBackbone('vit_tiny_patch16_224', { cache: join(folder, 'none') })).rejects.toThrow(
      /timm\/vit_tiny_patch16_224\.augreg_in21k_ft_in1k\/model\.safetensors is not in the cache/,
    )
  })

  it('names the file and the weights that do not fit', async () => {
    const path = join(folder, 'wrong.safetensors')
    const short = Object.fromEntries(Object.entries(reference.parameters).filter(([name]) => name !== 'norm.bias'))
    await writeFile(path, await writeSafetensors({ ...short, extra: tf.zeros([3]) }))
    await expect(resolveBackbone(path, { config: { heads: 4 } })).rejects.toThrow(
      // The file is named once.
      /^backbone [^ ]*wrong\.safetensors: the weights do not fit.*missing: norm\.bias \[32\].*unknown: extra \[3\]/,
    )
    const diverged = { ...reference.parameters, 'norm.bias': tf.fill([32], NaN) }
    await writeFile(path, await writeSafetensors(diverged))
    await expect(resolveBackbone(path, { config: { heads: 4 } })).rejects.toThrow(
      /^backbone [^ ]*wrong\.safetensors: weight norm\.bias holds NaN at position 0/,
    )
    await writeFile(path, weights.subarray(0, weights.length - 5))
    await expect(resolveBackbone(path, { config: { heads: 4 } })).rejects.toThrow(/wrong\.safetensors: .*truncated/)
    await writeFile(join(folder, 'with-card/config.json'), '{"pretrained_cfg":{"mean":[1]}}')
    await expect(resolveBackbone(join(folder, 'with-card'))).rejects.toThrow(/config\.json: [^]*pretrained_cfg\.mean/)
  })
})
