import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createVit, initVit, parsePreprocessing } from '@pilotjs/core/backbones'
import { createRng } from '@pilotjs/core/random'
import { writeSafetensors } from '@pilotjs/core/safetensors'
import type { Backbone, NamedTensors } from '@pilotjs/core'
import type { VitConfig } from '@pilotjs/core/backbones'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BackboneNotice } from './notice'
import { type BackboneOptions, resolveBackbone } from './resolve-backbone'

const config: VitConfig = { imageSize: 16, patchSize: 8, width: 64, depth: 2, heads: 1 }
let folder: string
let parameters: NamedTensors
let reference: Backbone
const images = tf.tensor4d(createRng(2).normals(2 * 16 * 16 * 3, 0, 1), [2, 16, 16, 3])
const featuresOf = (backbone: Backbone) => tf.tidy(() => Array.from(backbone.features(images).dataSync()))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilot-weights-'))
  parameters = initVit(config, createRng(1))
  reference = createVit(config, parameters)
})
afterAll(async () => {
  reference.dispose()
  await rm(folder, { recursive: true })
})

let count = 0
/** A folder with these files; tensors become safetensors, objects JSON. */
async function put(files: Readonly<Record<string, NamedTensors | object | string | Uint8Array>>): Promise<string> {
  const place = join(folder, String(count++))
  await mkdir(place)
  for (const [name, content] of Object.entries(files)) {
    const raw = typeof content === 'string' || content instanceof Uint8Array
    const bytes = raw
      ? content
      : name.endsWith('.json')
        ? JSON.stringify(content)
        : await writeSafetensors(content as NamedTensors)
    await writeFile(join(place, name), bytes)
  }
  return place
}

async function resolve(place: string, options: BackboneOptions = {}) {
  const notices: BackboneNotice[] = []
  const backbone = await resolveBackbone(place, { ...options, onNotice: (notice) => void notices.push(notice) })
  return { backbone, notices, of: (code: BackboneNotice['code']) => notices.find((notice) => notice.code === code) }
}

const renamed = (rename: (name: string) => string): NamedTensors =>
  Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [rename(name), tensor]))

describe('weights as people have them', () => {
  it.each(['module.', 'backbone.', '_orig_mod.', 'visual.trunk.', 'module.encoder_q.'])(
    'lose the prefix %s, which is said',
    async (prefix) => {
      const { backbone, of } = await resolve(await put({ 'model.safetensors': renamed((name) => prefix + name) }))
      expect(featuresOf(backbone)).toEqual(featuresOf(reference))
      expect(of('prefix-stripped')).toMatchObject({ prefix })
      backbone.dispose()
    },
  )

  it('lose no prefix that only some names have, but for a head beside the network', async () => {
    const some = renamed((name) => (name.startsWith('blocks.1.') ? name : `module.${name}`))
    await expect(resolve(await put({ 'model.safetensors': some }))).rejects.toMatchObject({ code: 'not-modelled' })
    const beside = { ...renamed((name) => `backbone.${name}`), 'head.weight': tf.zeros([3, 64]) }
    const { backbone } = await resolve(await put({ 'model.safetensors': beside }))
    expect(featuresOf(backbone)).toEqual(featuresOf(reference))
    backbone.dispose()
  })

  it('are read from several files that an index holds together', async () => {
    const entries = Object.entries(parameters)
    const half = entries.length >> 1
    const [one, two] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const
    const index = { weight_map: Object.fromEntries(entries.map(([name], i) => [name, i < half ? one : two])) }
    const files = {
      [one]: Object.fromEntries(entries.slice(0, half)),
      [two]: Object.fromEntries(entries.slice(half)),
      'model.safetensors.index.json': index,
    }
    const place = await put(files)
    const { backbone } = await resolve(place)
    expect(featuresOf(backbone)).toEqual(featuresOf(reference))
    backbone.dispose()
    await rm(join(place, two))
    await expect(resolve(place)).rejects.toThrow(`it names ${two}, which is not beside it; all 2 files are needed`)
    const outside = await put({ 'model.safetensors.index.json': { weight_map: { a: '../../etc/x.safetensors' } } })
    await expect(resolve(outside)).rejects.toThrow(/it names the file "\.\.\/.*files lie beside the index/)
    const other = await put({ ...files, [two]: { lonely: tf.zeros([1]) } })
    await expect(resolve(other)).rejects.toThrow(/says that model-00002.* holds .*, which it does not/)
  })

  it("are read by transformers' names, with its config and its preprocessor", async () => {
    const place = await put({
      'model.safetensors': transformersNames(parameters),
      'config.json': { model_type: 'vit', num_attention_heads: 2, layer_norm_eps: 1e-12, hidden_act: 'gelu' },
      'preprocessor_config.json': { image_mean: [0.1, 0.2, 0.3], image_std: [1, 1, 1], resample: 2, size: 224 },
    })
    const { backbone, of, notices } = await resolve(place)
    const same = createVit(
      { ...config, heads: 2, layerNormEpsilon: 1e-12 },
      Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, tf.clone(tensor)])),
    )
    expect(featuresOf(backbone)).toEqual(featuresOf(same))
    expect(of('names-mapped')).toMatchObject({ from: 'transformers' })
    expect(backbone.preprocessing).toMatchObject({ mean: [0.1, 0.2, 0.3], interpolation: 'bilinear', cropFraction: 1 })
    expect(notices.at(-1)).toMatchObject({ code: 'preprocessing', source: 'preprocessor_config.json' })
    backbone.dispose()
    same.dispose()
  })

  it('of models that are built otherwise are refused by name', async () => {
    const card = (json: object) => put({ 'model.safetensors': parameters, 'config.json': json })
    await expect(resolve(await card({ model_type: 'clip_vision_model' }))).rejects.toThrow(
      /model type "clip_vision_model" is not supported/,
    )
    await expect(resolve(await card({ model_type: 'vit', hidden_act: 'silu' }))).rejects.toThrow(/hidden_act "silu"/)
    await expect(resolve(await card({ architecture: 'vit_base_patch16_siglip_224' }))).rejects.toThrow(
      /asks for global_pool "map"/,
    )
    const clip = { 'visual.class_embedding': tf.zeros([4]), 'visual.conv1.weight': tf.zeros([4, 3, 2, 2]) }
    await expect(resolve(await put({ 'model.safetensors': clip }))).rejects.toThrow(/OpenAI's own names for CLIP/)
  })

  it('that are no safetensors are recognised by their first bytes', async () => {
    const zip = (name: string) =>
      Buffer.concat([
        Buffer.from('PK\x03\x04'),
        Buffer.alloc(22),
        Buffer.from([name.length, 0, 0, 0]),
        Buffer.from(name),
      ])
    const cases: [string, Uint8Array | string, RegExp][] = [
      [
        'pytorch_model.bin',
        zip('archive/data.pkl'),
        /Of pytorch_model\.bin: it is a PyTorch file.*torch\.load\("pytorch_model\.bin"/,
      ],
      ['old.pth', Buffer.from([0x80, 2, 0x8a, 10]), /it is a PyTorch file/],
      ['ViT-B_16.npz', zip('Transformer/a.npy'), /it is a NumPy archive.*timm\.create_model/],
      [
        'model.safetensors',
        'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n',
        /a Git LFS pointer.*git lfs pull/,
      ],
      ['model.safetensors', '<!DOCTYPE html><html>sign in', /it is a web page/],
      ['model.safetensors', zip('archive/data.pkl'), /it is a PyTorch file/],
      ['keras.h5', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /an HDF5 file/],
    ]
    for (const [name, content, words] of cases) {
      const failed = resolve(await put({ [name]: content }))
      await expect(failed).rejects.toThrow(words)
      await expect(failed).rejects.toMatchObject({ code: 'not-weights' })
    }
  })
})

describe('how images are prepared', () => {
  it('is said with the reason', async () => {
    const bare = await resolve(await put({ 'model.safetensors': parameters }))
    expect(bare.of('preprocessing')).toMatchObject({ source: 'default' })
    expect(bare.of('preprocessing')!.message).toMatch(
      /prepared with mean=0\.5,0\.5,0\.5;std=0\.5,0\.5,0\.5;interpolation=bicubic;crop=1, .*Get the config\.json of the model too/,
    )
    bare.backbone.dispose()
    const own = { pretrained_cfg: { mean: [0.1, 0.2, 0.3], crop_pct: 0.9, crop_mode: 'squash' } }
    const place = await put({ 'model.safetensors': parameters, 'config.json': own })
    const carded = await resolve(place)
    expect(carded.of('preprocessing')).toMatchObject({ source: 'config.json' })
    expect(carded.of('preprocessing')!.message).toContain('crop_mode "squash" is not supported')
    expect(carded.of('preprocessing-differs')).toBeUndefined()
    carded.backbone.dispose()
    const chosen = await resolve(place, { preprocessing: parsePreprocessing('crop=1') })
    expect(chosen.of('preprocessing')).toMatchObject({ source: 'option', preprocessing: { mean: [0.1, 0.2, 0.3] } })
    expect(chosen.of('preprocessing-differs')).toMatchObject({
      differences: [{ field: 'cropFraction', own: 0.9, used: 1 }],
    })
    chosen.backbone.dispose()
  })

  it('comes with a file that is known by its content, wherever it lies', async () => {
    for (const [name, heads] of [
      ['vit-icons', 4],
      ['efficientnet-lite0', undefined],
    ] as const) {
      const weights = fileURLToPath(new URL(`../../${name}/data/${name}.safetensors`, import.meta.url))
      const place = join(folder, name)
      await mkdir(place)
      await copyFile(weights, join(place, 'some.safetensors'))
      const { backbone, of } = await resolve(join(place, 'some.safetensors'))
      expect(backbone.name).toBe(name)
      expect(of('preprocessing')).toMatchObject({ source: 'known-file' })
      // No shape tells the heads of vit-icons: 128 / 64 would be wrong.
      if (heads !== undefined) expect(backbone).toMatchObject({ heads })
      backbone.dispose()
    }
  })
})

/** Weights under the names that Hugging Face's transformers gives them, queries, keys and values apart. */
function transformersNames(weights: NamedTensors): NamedTensors {
  const names: readonly (readonly [RegExp, string])[] = [
    [/^cls_token$/, 'embeddings.cls_token'],
    [/^pos_embed$/, 'embeddings.position_embeddings'],
    [/^patch_embed\.proj\./, 'embeddings.patch_embeddings.projection.'],
    [/^blocks\.(\d+)\.attn\.proj\./, 'encoder.layer.$1.attention.output.dense.'],
    [/^blocks\.(\d+)\.mlp\.fc1\./, 'encoder.layer.$1.intermediate.dense.'],
    [/^blocks\.(\d+)\.mlp\.fc2\./, 'encoder.layer.$1.output.dense.'],
    [/^blocks\.(\d+)\.norm1\./, 'encoder.layer.$1.layernorm_before.'],
    [/^blocks\.(\d+)\.norm2\./, 'encoder.layer.$1.layernorm_after.'],
    [/^norm\./, 'layernorm.'],
  ]
  const entries = Object.entries(weights).flatMap(([name, tensor]): [string, tf.Tensor][] => {
    const joint = /^blocks\.(\d+)\.attn\.qkv\.(\w+)$/.exec(name)
    if (!joint) {
      const [pattern, replacement] = names.find(([each]) => each.test(name))!
      return [[`vit.${name.replace(pattern, replacement)}`, tensor]]
    }
    const at = `vit.encoder.layer.${joint[1]}.attention.attention`
    // Keys first: the order in the file is not what puts them together.
    const [queries, keys, values] = tf.split(tensor, 3, 0) as [tf.Tensor, tf.Tensor, tf.Tensor]
    return [
      [`${at}.key.${joint[2]}`, keys],
      [`${at}.query.${joint[2]}`, queries],
      [`${at}.value.${joint[2]}`, values],
    ]
  })
  return { ...Object.fromEntries(entries), 'classifier.weight': tf.zeros([5, 64]), 'classifier.bias': tf.zeros([5]) }
}
