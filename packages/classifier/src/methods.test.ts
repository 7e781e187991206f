import { aper } from '@pilotjs/aper'
import { der } from '@pilotjs/der'
import { fecam } from '@pilotjs/fecam'
import { icarl } from '@pilotjs/icarl'
import { l2p } from '@pilotjs/l2p'
import { ranpac } from '@pilotjs/ranpac'
import { tinyBackbone } from '@pilotjs/testing'
import type { ConfiguredMethod } from '@pilotjs/core'
import { afterAll, describe, expect, it } from 'vitest'
import { pattern, patterns } from './__fixtures__/patterns'
import type { Classifier } from './classifier'
import { createClassifier, loadClassifier } from './node'

const backbone = tinyBackbone()
afterAll(() => backbone.dispose())

const staged = { epochs: 3, baseEpochs: 3, batchSize: 5, learningRate: 0.02, baseLearningRate: 0.02, memorySize: 12 }
const firstTask = { epochs: 1, batchSize: 10, bottleneck: 2 }
const methods: readonly ConfiguredMethod[] = [
  ranpac({ ...firstTask, projectionSize: 32 }),
  fecam(firstTask),
  aper(firstTask),
  l2p({ epochs: 3, batchSize: 5, poolSize: 6, promptLength: 1, topK: 2, learningRate: 0.02 }),
  icarl(staged),
  der(staged),
] as readonly ConfiguredMethod[]

const make = (method: unknown) => createClassifier({ backbone, method: method as ConfiguredMethod, seed: 3 })
const learned = async (method: unknown, ...labels: number[]) => {
  const classifier = await make(method)
  for (const label of labels) await classifier.learn({ [`class ${label}`]: patterns(label, 10) })
  return classifier
}

describe.each(methods.map((configured) => [configured.method.name, configured] as const))('%s', (_, configured) => {
  it('learns, is saved and loaded, and goes on alike, as far as it accepts', async () => {
    const { method } = configured
    const { moreImages, removeClass, mergeClasses } = method.accepts
    const classifier = await make(configured)
    await classifier.learn({ 'class 0': patterns(0, 10), 'class 1': patterns(1, 10) })
    await classifier.learn({ 'class 2': patterns(2, 10) })
    const loaded = await loadClassifier(await classifier.save(), { methods: [method], backbones: [backbone] })
    const exam = [0, 1, 2].flatMap((label) => patterns(label, 2, 50))
    expect(await loaded.predict(exam)).toEqual(await classifier.predict(exam))
    for (const each of [classifier, loaded]) {
      await each.learn({ 'class 3': patterns(3, 6) })
      const more = each.addImages('class 1', patterns(1, 5, 20))
      if (moreImages) await more
      else await expect(more).rejects.toMatchObject({ code: 'cannot-add-images' })
    }
    expect(await loaded.save()).toEqual(await classifier.save())
    const [prediction] = await classifier.predict([pattern(3, 9)])
    expect(prediction!.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5)
    if (!removeClass)
      await expect(classifier.removeClass('class 3')).rejects.toMatchObject({ code: 'cannot-remove-class' })
    if (!mergeClasses)
      await expect(classifier.mergeClasses(['class 2', 'class 3'], 'both')).rejects.toMatchObject({
        code: 'cannot-merge-classes',
      })
    for (const each of [classifier, loaded]) each.dispose()
  })
})

/** The probabilities of a few images, by name. */
async function probabilities(classifier: Classifier): Promise<Record<string, number>[]> {
  const predictions = await classifier.predict([0, 2, 3].map((label) => pattern(label, 60)))
  return predictions.map((each) => Object.fromEntries(each.map(({ name, probability }) => [name, probability])))
}

describe('removal', () => {
  it.each([
    ['ridge', ranpac({ tuning: 'none', projectionSize: 32, removable: true, ridge: 10 })],
    ['ridge without projection', ranpac({ tuning: 'none', randomProjection: false, removable: true })],
    ['Gaussians', fecam({ tuning: 'none' })],
    ['prototypes', aper({ tuning: 'none' })],
  ])('is exact for %s, the first class too', async (_, method) => {
    const [without, never] = [await learned(method, 0, 1, 2, 3), await learned(method, 0, 2, 3)]
    await without.removeClass('class 1')
    const [a, b] = [await probabilities(without), await probabilities(never)]
    b.forEach((image, i) => Object.entries(image).forEach(([name, p]) => expect(a[i]![name]).toBeCloseTo(p, 3)))
    await without.removeClass('class 0')
    expect(without.classes).toEqual(['class 2', 'class 3'])
    for (const each of [without, never]) each.dispose()
  })

  it.each([
    ['ridge', ranpac({ tuning: 'none', projectionSize: 32, ridge: 10 })],
    ['prototypes', aper({ tuning: 'none' })],
  ])('of the border between two classes is exact for %s', async (_, method) => {
    const merged = await learned(method, 0, 1, 2)
    await merged.mergeClasses(['class 0', 'class 1'], 'both')
    const asOne = await make(method)
    await asOne.learn({ both: patterns(0, 10) })
    await asOne.addImages('both', patterns(1, 10))
    await asOne.learn({ 'class 2': patterns(2, 10) })
    const exam = [0, 1, 2].map((label) => pattern(label, 60))
    const [a, b] = [await merged.predict(exam), await asOne.predict(exam)]
    b.forEach((image, i) => image.forEach(({ name }, rank) => expect(a[i]![rank]!.name).toBe(name)))
    for (const each of [merged, asOne]) each.dispose()
  })

  it('says what stands in the way', async () => {
    const adapted = await learned(aper(firstTask), 0, 1)
    await expect(adapted.removeClass('class 0')).rejects.toMatchObject({
      code: 'cannot-remove-class',
      facts: { option: 'tuning' },
    })
    await expect(adapted.mergeClasses(['class 0', 'class 1'], 'x')).rejects.toThrow("tuning: 'none'")
    await adapted.removeClass('class 1')
    const sums = await learned(ranpac({ tuning: 'none', projectionSize: 32, ridge: 10 }), 0, 1)
    await expect(sums.removeClass('class 1')).rejects.toThrow('removable: true')
    expect(sums.classes).toHaveLength(2)
    for (const each of [adapted, sums]) each.dispose()
  })
})
