import { createRng } from '@pilotjs/core/random'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pattern } from '../__fixtures__/pattern'
import { colorJitter } from './color-jitter'
import { centerCrop, crop, randomCrop } from './crop'
import { fromRecipe } from './from-recipe'
import { normalizer } from './normalize'
import { pilotCifarTransforms, pilotTransforms, smallImageTransforms, transformsFor } from './presets'
import { flipHorizontally } from './flip-horizontally'
import { randomHorizontalFlip } from './random-horizontal-flip'
import { randomBox, randomResizedCrop } from './random-resized-crop'
import { resize } from './resize'
import { roundHalfEven } from './round'
import { applyTransforms, compose } from './transform'
import { preparationOf } from './transforms'

const side = fc.integer({ min: 1, max: 60 })
const size = ({ width, height }: { width: number; height: number }) => [width, height]
const preprocessing = {
  inputSize: [224, 224],
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
  interpolation: 'bicubic',
  cropFraction: 0.9,
} as const

describe('roundHalfEven', () => {
  it("is Python's round", () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6].map((x) => roundHalfEven(x) + 0)).toEqual([0, 2, 2, 0, -2, 2, 3])
  })
})

describe('a resize before a crop', () => {
  const both = (image: ReturnType<typeof pattern>, to: number, keep: number) => {
    const [first, second] = [resize({ size: to, interpolation: 'bicubic' }), centerCrop({ size: keep })]
    const rng = createRng(0)
    return [applyTransforms([first, second], image, rng), second.apply(first.apply(image, rng), rng)]
  }

  it('makes the pixels that are kept, the same as of the whole', () => {
    const goal = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(side, side, goal, goal, (width, height, to, keep) => {
        const [together, apart] = both(pattern(width, height), to, keep)
        expect(together).toEqual(apart)
      }),
      { numRuns: 200 },
    )
  })

  it('makes nothing else: a line of pixels would become gigabytes', () => {
    const image = applyTransforms([resize({ size: 256 }), centerCrop({ size: 224 })], pattern(30000, 1), createRng(0))
    expect(size(image)).toEqual([224, 224])
  })
})

describe('a crop before a flip', () => {
  it('is made mirrored: the same bytes, and the same draws, as one after the other', () => {
    const [narrow, wide] = [pattern(30, 20), pattern(9, 13)]
    let turned = 0
    for (const image of [narrow, wide])
      for (let seed = 0; seed < 40; seed++) {
        // A crop of all of it across stays as wide as it is: there is no pass that could mirror it.
        const own = { size: [11, image.width] as const, scale: [0.5, 1] as const }
        const [cropped, flip] = [randomResizedCrop(own), randomHorizontalFlip({ probability: 0.6 })]
        const [alone, together] = [createRng(seed), createRng(seed)]
        const straight = cropped.apply(image, alone)
        const expected = flip.apply(straight, alone)
        turned += Number(expected !== straight)
        expect(applyTransforms([cropped, flip], image, together)).toEqual(expected)
        expect(together.uniform()).toBe(alone.uniform())
      }
    expect(turned).toBeGreaterThan(20)
    expect(turned).toBeLessThan(70)
  })
})

describe('randomBox', () => {
  it('lies in the image and keeps to area and ratio where these can be had', () => {
    fc.assert(
      fc.property(side, side, fc.nat(), (width, height, seed) => {
        const box = randomBox(width, height, [0.05, 1], [3 / 4, 4 / 3], createRng(seed))
        expect(box.left).toBeGreaterThanOrEqual(0)
        expect(box.top).toBeGreaterThanOrEqual(0)
        expect(box.width).toBeGreaterThan(0)
        expect(box.height).toBeGreaterThan(0)
        expect(box.left + box.width).toBeLessThanOrEqual(width)
        expect(box.top + box.height).toBeLessThanOrEqual(height)
      }),
    )
  })

  it('spreads over area and ratio as torchvision says', () => {
    const rng = createRng(3)
    const boxes = Array.from({ length: 4000 }, () => randomBox(1000, 1000, [0.2, 0.6], [3 / 4, 4 / 3], rng))
    const areas = boxes.map((box) => (box.width * box.height) / 1e6)
    expect(Math.min(...areas)).toBeGreaterThan(0.199)
    expect(Math.max(...areas)).toBeLessThan(0.601)
    expect(areas.reduce((sum, area) => sum + area) / areas.length).toBeCloseTo(0.4, 1)
    const logs = boxes.map((box) => Math.log(box.width / box.height))
    expect(logs.reduce((sum, log) => sum + log) / logs.length).toBeCloseTo(0, 1)
  })

  it('falls back to the largest centred box of an allowed ratio', () => {
    expect(randomBox(1000, 10, [1, 1], [3 / 4, 4 / 3], createRng(0))).toEqual({
      left: 493,
      top: 0,
      width: 13,
      height: 10,
    })
    expect(randomBox(9, 900, [1, 1], [3 / 4, 4 / 3], createRng(0))).toEqual({ left: 0, top: 444, width: 9, height: 12 })
  })
})

describe('transforms', () => {
  it('come out in the size they promise', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 40 }), fc.nat(), (width, height, to, seed) => {
        const image = pattern(width, height)
        const rng = createRng(seed)
        expect(size(randomResizedCrop({ size: to }).apply(image, rng))).toEqual([to, to])
        expect(size(centerCrop({ size: to }).apply(image, rng))).toEqual([to, to])
        expect(Math.min(...size(resize({ size: to }).apply(image, rng)))).toBe(
          Math.max(1, Math.min(to, Math.trunc((to * Math.max(width, height)) / Math.min(width, height)))),
        )
        expect(size(resize({ size: [to, 3] }).apply(image, rng))).toEqual([3, to])
      }),
      { numRuns: 60 },
    )
  })

  it('resize keeps the ratio, the longer side rounded down', () => {
    const rng = createRng(0)
    expect(size(resize({ size: 256, interpolation: 'bicubic' }).apply(pattern(500, 375), rng))).toEqual([341, 256])
    expect(size(resize({ size: 256 }).apply(pattern(375, 500), rng))).toEqual([256, 341])
  })

  it('centerCrop takes the middle, and pads with black what is too small', () => {
    const image = pattern(7, 4)
    const cropped = centerCrop({ size: [2, 4] }).apply(image, createRng(0))
    // (7 − 4) / 2 = 1.5 rounds to the even 2, (4 − 2) / 2 = 1.
    expect(cropped).toEqual(crop(image, { left: 2, top: 1, width: 4, height: 2 }))
    const padded = centerCrop({ size: 8 }).apply(pattern(3, 8), createRng(0))
    expect([...padded.data.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0])
    expect([...padded.data.subarray(6, 15)]).toEqual([...pattern(3, 8).data.subarray(0, 9)])
  })

  it('randomCrop shifts within the padding and shows black or the edge beyond it', () => {
    const image = pattern(6, 6)
    const seen = new Set<string>()
    const rng = createRng(1)
    for (let i = 0; i < 400; i++)
      seen.add(randomCrop({ size: 6, padding: 1, outside: 'edge' }).apply(image, rng).data.join())
    const shifts = [-1, 0, 1].flatMap((left) =>
      [-1, 0, 1].map((top) => crop(image, { left, top, width: 6, height: 6 }, 'edge').data.join()),
    )
    expect(seen).toEqual(new Set(shifts))
    const corner = crop(image, { left: -1, top: -1, width: 2, height: 2 }, 'edge')
    expect(corner.data.subarray(0, 3)).toEqual(image.data.subarray(0, 3))
    expect(crop(image, { left: -1, top: -1, width: 2, height: 2 }).data.subarray(0, 9)).toEqual(new Uint8Array(9))
    expect(() => randomCrop({ size: 9 }).apply(image, rng)).toThrow('smaller than the crop of 9x9')
  })

  it('flip mirrors, with the probability asked for', () => {
    const image = pattern(5, 2)
    expect(flipHorizontally(flipHorizontally(image))).toEqual(image)
    expect(flipHorizontally(image).data.subarray(0, 3)).toEqual(image.data.subarray(12, 15))
    const rng = createRng(2)
    const flips = Array.from({ length: 1000 }, () => randomHorizontalFlip().apply(image, rng) !== image)
    expect(flips.filter(Boolean).length / 1000).toBeCloseTo(0.5, 1)
    expect(randomHorizontalFlip({ probability: 0 }).apply(image, rng)).toBe(image)
  })

  it('colorJitter changes what it is asked to, in random order', () => {
    const image = pattern(8, 8)
    expect(colorJitter({}).apply(image, createRng(0))).toBe(image)
    const strong = colorJitter({ brightness: [0, 0] }).apply(image, createRng(0))
    expect(strong.data.every((byte) => byte === 0)).toBe(true)
    const all = colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 })
    const seen = new Set(Array.from({ length: 20 }, (_, seed) => all.apply(image, createRng(seed)).data.join()))
    expect(seen.size).toBe(20)
    expect(() => colorJitter({ hue: 0.6 })).toThrow('hue must stay within -0.5 … 0.5')
    expect(() => colorJitter({ contrast: [2, 1] })).toThrow('contrast')
    expect(() => colorJitter({ brightness: -1 })).toThrow('brightness')
  })

  it('cross over to a worker as recipes and come out the same', () => {
    const transforms = [
      ...pilotTransforms({ preprocessing: { ...preprocessing, inputSize: [24, 24] } }).train,
      ...pilotCifarTransforms('cifar10').train.slice(1),
      compose(randomCrop({ size: 24, padding: 3, outside: 'edge' }), resize({ size: [20, 22] })),
      centerCrop({ size: [18, 20] }),
    ]
    const copies = transforms.map(({ recipe }) => fromRecipe(structuredClone(recipe!)))
    const image = pattern(50, 40)
    expect(applyTransforms(copies, image, createRng(9))).toEqual(applyTransforms(transforms, image, createRng(9)))
    expect(() => fromRecipe({ name: 'sharpen', options: {} })).toThrow("No transform is called 'sharpen'")
  })
})

describe('normalizer', () => {
  it('refuses what it would divide by', () => {
    expect(() => normalizer([0, 0, 0], [1, 0, 1])).toThrow('std positive ones')
    expect(() => normalizer([Number.NaN, 0, 0], [1, 1, 1])).toThrow('mean [NaN,0,0]')
  })
})

describe('presets', () => {
  const names = (transforms: { train: readonly { recipe?: { name: string; options: object } }[] }) =>
    transforms.train.map(({ recipe }) => recipe!.name)

  it("pilotTransforms follow PILOT, and its missing normalisation only by compat: 'pilot'", () => {
    const usual = pilotTransforms({ preprocessing })
    expect(usual.train[0]!.recipe).toMatchObject({
      name: 'randomResizedCrop',
      options: { size: 224, scale: [0.05, 1] },
    })
    expect(usual.eval[0]!.recipe).toMatchObject({ name: 'resize', options: { size: 256, interpolation: 'bicubic' } })
    expect([usual.mean, usual.std]).toEqual([preprocessing.mean, preprocessing.std])
    const pilot = pilotTransforms({ preprocessing, compat: 'pilot' })
    expect([pilot.mean, pilot.std]).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ])
    expect(preparationOf(pilot)).not.toBe(preparationOf(usual))
  })

  it('pilotTransforms know what CODA-Prompt does differently', () => {
    const coda = (dataset: string) => pilotTransforms({ preprocessing, variant: 'coda_prompt', dataset })
    expect(coda('cifar224').train[0]!.recipe!.options.scale).toEqual([0.08, 1])
    expect(coda('cifar224').eval[0]!.recipe!.options).toMatchObject({ size: 224, interpolation: 'bilinear' })
    expect(coda('imagenetr').eval[0]!.recipe!.options).toMatchObject({ size: 256, interpolation: 'bilinear' })
  })

  it('transformsFor chooses by the input size', () => {
    expect(names(transformsFor(preprocessing))).toContain('randomResizedCrop')
    const small = { ...preprocessing, inputSize: [32, 32] } as const
    expect(names(transformsFor(small))).toEqual(['resize', 'centerCrop', 'randomCrop'])
    expect(names(smallImageTransforms({ preprocessing: small, flip: true })).at(-1)).toBe('randomHorizontalFlip')
    expect(() => transformsFor({ ...preprocessing, inputSize: [32, 64] })).toThrow('32x64')
  })

  it('come out at the input size whatever comes in', () => {
    const small = { ...preprocessing, inputSize: [32, 32] } as const
    for (const transforms of [
      smallImageTransforms({ preprocessing: small }),
      pilotTransforms({ preprocessing: small, variant: 'coda_prompt' }),
    ]) {
      for (const [width, height] of [
        [32, 32],
        [20, 50],
        [64, 33],
      ] as const) {
        for (const steps of [transforms.train, transforms.eval]) {
          expect(size(applyTransforms(steps, pattern(width, height), createRng(1)))).toEqual([32, 32])
        }
      }
    }
  })
})
