import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor4D } from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { NamedTensors } from '../../contracts/tensors'
import { selectEngine } from '../../node/select-engine'
import { createRng } from '../../random/rng'
import { createResnet, initResnet } from './resnet'
import type { ResnetConfig } from './resnet-config'
import { resnetSpec, resnetWeightShapes } from './resnet-config'

beforeAll(async () => {
  await selectEngine(process.env.PILOT_ENGINE ? 'auto' : 'cpu')
})

/** Small networks of each build, with weights that leave nothing at its initial value. */
const tiny: Record<string, ResnetConfig> = {
  basic: { layout: 'imagenet', blocks: [1, 1], channels: 4, imageSize: 32 },
  bottleneck: { layout: 'imagenet', blocks: [1, 2], block: 'bottleneck', channels: 2, imageSize: 32 },
  cifar: { layout: 'cifar', blocks: [1, 2], channels: 4, imageSize: 8 },
}
function weightsOf(config: ResnetConfig): NamedTensors {
  const rng = createRng(7)
  const shifted = (tensor: tf.Tensor) => tf.add(tf.abs(tensor), tf.tensor1d(rng.uniforms(tensor.size, 0.1, 1)))
  return tf.tidy(() => {
    const initial = Object.entries(initResnet(config, rng))
    return Object.fromEntries(initial.map(([name, tensor]) => [name, tensor.rank === 4 ? tensor : shifted(tensor)]))
  })
}
const imagesOf = (config: ResnetConfig, batch: number) => {
  const side = config.imageSize!
  return tf.tensor4d(createRng(3).normals(batch * side * side * 3, 0, 1), [batch, side, side, 3])
}

/** An image of one sample as plain numbers: [channel][row][column]. */
type Map3 = number[][][]
const mapOf = (
  height: number,
  width: number,
  channels: number,
  value: (c: number, y: number, x: number) => number,
): Map3 =>
  Array.from({ length: channels }, (_, c) =>
    Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => value(c, y, x))),
  )

/** The network once more, from torch's definitions, one pixel at a time and in `eval`. */
function reference(config: ResnetConfig, weights: NamedTensors, images: Tensor4D): number[][] {
  const values = Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tensor.dataSync()]))
  const spec = resnetSpec(config)
  const layer = (map: Map3, { name, norm, kernel, stride, from, to }: (typeof spec)['stem']) => {
    const pad = (kernel - 1) / 2
    const [height, width] = [map[0]!.length, map[0]![0]!.length]
    const out = (length: number) => Math.floor((length + 2 * pad - kernel) / stride) + 1
    return mapOf(out(height), out(width), to, (o, y, x) => {
      let sum = 0
      for (let i = 0; i < from; i++)
        for (let v = 0; v < kernel; v++)
          for (let u = 0; u < kernel; u++) {
            const pixel = map[i]![y * stride + v - pad]?.[x * stride + u - pad] ?? 0
            sum += pixel * values[`${name}.weight`]![((o * from + i) * kernel + v) * kernel + u]!
          }
      const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map(
        (part) => values[`${norm}.${part}`]![o]!,
      ) as [number, number, number, number]
      return ((sum - mean) / Math.sqrt(variance + 1e-5)) * gamma + beta
    })
  }
  const each = (map: Map3, value: (c: number, y: number, x: number) => number) =>
    mapOf(map[0]!.length, map[0]![0]!.length, map.length, value)
  const relu = (map: Map3) => each(map, (c, y, x) => Math.max(0, map[c]![y]![x]!))
  const nested = images.arraySync()
  return nested.map((image) => {
    let map = relu(
      layer(
        mapOf(image.length, image[0]!.length, 3, (c, y, x) => image[y]![x]![c]!),
        spec.stem,
      ),
    )
    if (spec.maxPool) {
      const before = map
      const half = (length: number) => Math.floor((length - 1) / 2) + 1
      map = mapOf(half(before[0]!.length), half(before[0]![0]!.length), before.length, (c, y, x) => {
        let most = -Infinity
        for (let v = -1; v <= 1; v++)
          for (let u = -1; u <= 1; u++) most = Math.max(most, before[c]![2 * y + v]?.[2 * x + u] ?? -Infinity)
        return most
      })
    }
    for (const { convolutions, shortcut } of spec.blocks) {
      const input = map
      let inner = input
      convolutions.forEach((convolution, index) => {
        inner = layer(inner, convolution)
        if (index < convolutions.length - 1) inner = relu(inner)
      })
      const beside =
        shortcut === 'identity'
          ? input
          : shortcut === 'subsample'
            ? each(inner, (c, y, x) => (c < input.length ? input[c]![2 * y]![2 * x]! : 0))
            : layer(input, shortcut)
      map = relu(each(inner, (c, y, x) => inner[c]![y]![x]! + beside[c]![y]![x]!))
    }
    return map.map((rows) => rows.flat().reduce((sum, value) => sum + value, 0) / rows.flat().length)
  })
}

const largestDifference = (a: number[][], b: number[][]) =>
  Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - b[i]![j]!) / (1 + Math.abs(value)))))

describe.each(Object.entries(tiny))('%s', (_, config) => {
  it('computes what torch defines, frozen or with weights handed in', async () => {
    const weights = weightsOf(config)
    const images = imagesOf(config, 2)
    const expected = reference(config, weights, images)
    const copies = Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tf.clone(tensor)]))
    const backbone = createResnet(config, weights)
    const frozen = (await backbone.features(images).array()) as number[][]
    const handed = (await backbone.features(images, { parameters: copies }).array()) as number[][]
    expect(frozen[0]!.length).toBe(backbone.width)
    expect(largestDifference(expected, frozen)).toBeLessThan(1e-5)
    expect(largestDifference(expected, handed)).toBeLessThan(1e-5)
    backbone.dispose()
    tf.dispose([copies, images])
  })

  it('has gradients in training that match finite differences', () => {
    const backbone = createResnet(config, weightsOf(config))
    const images = imagesOf(config, 3)
    const name = Object.keys(backbone.parameters).filter((key) => backbone.parameters[key]!.rank === 4)[1]!
    const norm = Object.keys(backbone.parameters).find((key) => /(bn|bn_)\d?\.weight$/.test(key))!
    const mix = tf.tensor1d(createRng(5).normals(backbone.width, 0, 1))
    const loss = (parameters: NamedTensors) =>
      tf.tidy(
        () =>
          tf.sum(
            tf.mul(tf.mean(backbone.features(images, { parameters, training: createRng(1) }), 0), mix),
          ) as tf.Scalar,
      )
    for (const key of [name, norm]) {
      const value = backbone.parameters[key]!
      const direction = tf.tensor(createRng(9).normals(value.size, 0, 1), value.shape)
      const slope = tf.tidy(
        () => tf.sum(tf.mul(tf.grad((weight) => loss({ [key]: weight }))(value), direction)).dataSync()[0],
      )!
      const at = (step: number) => tf.tidy(() => loss({ [key]: tf.add(value, tf.mul(direction, step)) }).dataSync()[0])!
      const step = 2e-3
      const numeric = (at(step) - at(-step)) / (2 * step)
      expect(Math.abs(slope - numeric)).toBeLessThan(0.02 * (1 + Math.abs(numeric)))
    }
    backbone.dispose()
  })

  it('leaves no tensor behind', () => {
    const images = imagesOf(config, 2)
    const before = tf.memory().numTensors
    const backbone = createResnet(config, weightsOf(config))
    const variable = tf.variable(backbone.parameters[Object.keys(backbone.parameters)[0]!]!)
    const name = Object.keys(backbone.parameters)[0]!
    const step = () => {
      tf.dispose(backbone.features(images))
      const { grads, value } = tf.variableGrads(
        () =>
          tf.mean(backbone.features(images, { parameters: { [name]: variable }, training: createRng(1) })) as tf.Scalar,
        [variable],
      )
      tf.dispose([grads, value])
    }
    step()
    const during = tf.memory().numTensors
    step()
    expect(tf.memory().numTensors).toBe(during)
    variable.dispose()
    backbone.dispose()
    expect(tf.memory().numTensors).toBe(before)
    images.dispose()
  })
})

describe('batch norm in training', () => {
  it("moves running statistics that are variables, a tenth of the way to the batch's", () => {
    const config = tiny.cifar!
    const backbone = createResnet(config, weightsOf(config))
    const parameters = {
      'bn_1.running_mean': tf.variable(backbone.parameters['bn_1.running_mean']!, false),
      'bn_1.running_var': tf.variable(backbone.parameters['bn_1.running_var']!, false),
    }
    const images = imagesOf(config, 4)
    const map = tf.tidy(() =>
      tf.conv2d(images, tf.transpose(backbone.parameters['conv_1_3x3.weight']!, [2, 3, 1, 0]) as Tensor4D, 1, 'same'),
    )
    const rows = tf.reshape(map, [-1, 4]).arraySync() as number[][]
    const before = Object.values(parameters).map((variable) => variable.arraySync() as number[])
    tf.dispose(backbone.features(images, { parameters }))
    expect(Object.values(parameters).map((variable) => variable.arraySync())).toEqual(before)
    tf.dispose(backbone.features(images, { parameters, training: createRng(1) }))
    const [mean, variance] = Object.values(parameters).map((variable) => variable.arraySync() as number[])
    for (let c = 0; c < 4; c++) {
      const column = rows.map((row) => row[c]!)
      const average = column.reduce((sum, value) => sum + value, 0) / column.length
      const spread = column.reduce((sum, value) => sum + (value - average) ** 2, 0) / (column.length - 1)
      expect(mean![c]).toBeCloseTo(0.9 * before[0]![c]! + 0.1 * average, 5)
      expect(variance![c]).toBeCloseTo(0.9 * before[1]![c]! + 0.1 * spread, 4)
    }
    backbone.dispose()
  })
})

describe('architectures', () => {
  it('have the sizes that are published', () => {
    const count = (config: ResnetConfig) =>
      Object.entries(resnetWeightShapes(config))
        .filter(([name]) => !name.includes('running_'))
        .reduce((sum, [, shape]) => sum + shape.reduce((product, length) => product * length, 1), 0)
    // torchvision's 11,689,512 and 25,557,032 parameters, less those of the 1000-way head.
    expect(count({ layout: 'imagenet', blocks: [2, 2, 2, 2] })).toBe(11_689_512 - 513_000)
    expect(count({ layout: 'imagenet', blocks: [3, 4, 6, 3], block: 'bottleneck' })).toBe(25_557_032 - 2_049_000)
    expect(count({ layout: 'cifar', blocks: [5, 5, 5] })).toBe(463_504)
  })

  it('name what does not fit', () => {
    const { 'bn_1.bias': dropped, ...short } = weightsOf(tiny.cifar!) as Record<string, tf.Tensor>
    expect(() => createResnet(tiny.cifar!, short, { name: 'mine' })).toThrow(/mine: .*missing: bn_1\.bias \[4\]/)
    dropped?.dispose()
    const backbone = createResnet(tiny.cifar!, weightsOf(tiny.cifar!))
    expect(() => backbone.features(imagesOf(tiny.cifar!, 1), { tuning: {} })).toThrow(/need a vision transformer/)
  })
})
