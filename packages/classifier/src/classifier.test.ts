import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSafetensors } from '@pilotjs/core/safetensors'
import { simplecil } from '@pilotjs/simplecil'
import { tinyBackbone } from '@pilotjs/testing'
import * as tf from '@tensorflow/tfjs-core'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { pattern, patterns } from './__fixtures__/patterns'
import type { Classifier } from './classifier'
import { createClassifier, loadClassifier } from './node'

const backbone = tinyBackbone()
const folder = await mkdtemp(join(tmpdir(), 'pilot-classifier-'))
afterAll(async () => {
  backbone.dispose()
  await rm(folder, { recursive: true, force: true })
})

const make = () => createClassifier({ backbone })
const taught = async (...labels: number[]) => {
  const classifier = await make()
  await classifier.learn(Object.fromEntries(labels.map((label) => [`class ${label}`, patterns(label, 10)])))
  return classifier
}
const namesOf = async (classifier: Classifier, labels: readonly number[]) =>
  (await classifier.predict(labels.map((label) => pattern(label, 99)))).map(([best]) => best!.name)

/** The tensors and the words of a saved classifier. */
async function inside(classifier: Classifier): Promise<{ numbers: Record<string, number[]>; text: string }> {
  const bytes = await classifier.save()
  const tensors = readSafetensors(bytes)
  const numbers = Object.fromEntries(
    await Promise.all(
      Object.entries(tensors).map(async ([name, own]) => [name, Array.from(await own.data())] as const),
    ),
  )
  tf.dispose(tensors as Record<string, tf.Tensor>)
  return {
    numbers,
    text: new TextDecoder().decode(bytes.subarray(8, 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true)))),
  }
}

describe('a classifier', () => {
  it('learns classes, and more of them later, and names images with probabilities', async () => {
    const classifier = await taught(0, 1, 2)
    expect([classifier.method, classifier.backbone]).toEqual(['simplecil', backbone.name])
    expect(await namesOf(classifier, [2, 0, 1])).toEqual(['class 2', 'class 0', 'class 1'])
    await classifier.learn({ 'class 3': pattern(3, 0) })
    expect(classifier.classes).toEqual(['class 0', 'class 1', 'class 2', 'class 3'])
    expect(classifier.counts).toEqual({ 'class 0': 10, 'class 1': 10, 'class 2': 10, 'class 3': 1 })
    const prediction = await classifier.predict(pattern(3, 5))
    expect(prediction[0]!.name).toBe('class 3')
    expect(prediction).toHaveLength(4)
    expect(prediction.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5)
    expect(await classifier.predict(pattern(3, 5), { top: 2 })).toHaveLength(2)
    expect(await classifier.predict([])).toEqual([])
    classifier.dispose()
  })

  it('keeps every fifth image back, calibrates with them, and lets taught ones stand in where there are none', async () => {
    const classifier = await taught(0, 1, 2)
    expect(classifier.calibration).toMatchObject({ heldOut: 6, taught: 0 })
    await classifier.learn({ few: patterns(3, 3) })
    expect(classifier.calibration).toMatchObject({ heldOut: 6, taught: 2 })
    await classifier.addImages('few', patterns(3, 2, 10))
    expect(classifier.calibration).toMatchObject({ heldOut: 7, taught: 0 })
    for (let i = 0; i < 8; i++) await classifier.addImages('few', patterns(3, 10, 20 + 10 * i))
    expect(classifier.calibration.heldOut).toBe(6 + 10)
    classifier.dispose()
  })

  it('says when an image shows none of its classes', async () => {
    const classifier = await taught(0, 1, 2, 3, 4)
    const known = await classifier.predict([0, 1, 2, 3, 4].flatMap((label) => patterns(label, 4, 50)))
    const strange = await classifier.predict([7, 8, 9, 10, 11].flatMap((label) => patterns(label, 4, 50)))
    const refused = (predictions: typeof known) =>
      predictions.filter(({ isUnknown }) => isUnknown).length / known.length
    expect(refused(known)).toBeLessThan(0.3)
    expect(refused(strange)).toBeGreaterThan(0.6)
    for (const { unknown, isUnknown } of [...known, ...strange]) expect(isUnknown).toBe(unknown > 0.5)
    classifier.dispose()
  })

  it('forgets a class as if it had never been there', async () => {
    const [without, never] = [await taught(0, 1, 2, 3), await taught(0, 2, 3)]
    await without.removeClass('class 1')
    expect(without.classes).toEqual(never.classes)
    const [a, b] = [await inside(without), await inside(never)]
    expect(Object.keys(a.numbers).sort()).toEqual(Object.keys(b.numbers).sort())
    for (const [name, numbers] of Object.entries(b.numbers))
      numbers.forEach((number, i) => expect(a.numbers[name]![i], name).toBeCloseTo(number, 5))
    expect(a.text).not.toContain('class 1')
    expect(without.calibration.temperature).toBeCloseTo(never.calibration.temperature, 4)
    expect(without.calibration.unknownThreshold!).toBeCloseTo(never.calibration.unknownThreshold!, 4)
    for (const name of without.classes) await without.removeClass(name)
    expect(without.classes).toEqual([])
    await expect(without.predict(pattern(0, 0))).rejects.toMatchObject({ code: 'nothing-learned' })
    await without.learn({ again: patterns(1, 3) })
    expect((await without.predict(pattern(1, 9)))[0]).toEqual({ name: 'again', probability: 1 })
    for (const classifier of [without, never]) classifier.dispose()
  })

  it('makes classes one as if they had been taught under one name', async () => {
    const merged = await taught(0, 1, 2)
    await merged.mergeClasses(['class 2', 'class 0'], 'even')
    expect(merged.classes).toEqual(['even', 'class 1'])
    const asOne = await make()
    await asOne.learn({ even: [...patterns(0, 10), ...patterns(2, 10)], 'class 1': patterns(1, 10) })
    const exam = [0, 1, 2].map((label) => pattern(label, 77))
    const best = async (classifier: Classifier) => (await classifier.predict(exam)).map(([first]) => first!.name)
    expect(await best(merged)).toEqual(await best(asOne))
    const [a, b] = [await inside(merged), await inside(asOne)]
    b.numbers['learner.head.weight']!.forEach((number, i) =>
      expect(a.numbers['learner.head.weight']![i]).toBeCloseTo(number, 5),
    )
    for (const classifier of [merged, asOne]) classifier.dispose()
  })

  it('renames a class', async () => {
    const classifier = await taught(0, 1)
    await classifier.renameClass('class 1', 'one')
    expect(await namesOf(classifier, [1])).toEqual(['one'])
    await expect(classifier.renameClass('class 0', 'one')).rejects.toMatchObject({ code: 'class-exists' })
    await expect(classifier.renameClass('class 9', 'nine')).rejects.toThrow('there are "class 0", "one"')
    classifier.dispose()
  })

  it('predicts by what was known before, while it learns', async () => {
    const classifier = await taught(0, 1)
    const before = await classifier.predict(pattern(2, 1))
    const learning = classifier.learn({ 'class 2': patterns(2, 10), 'class 3': patterns(3, 10) })
    const forgetting = classifier.removeClass('class 0')
    const during = Array.from({ length: 5 }, () => classifier.predict(pattern(2, 1)))
    const saved = classifier.save()
    for (const prediction of await Promise.all(during)) expect(prediction).toEqual(before)
    await Promise.all([learning, forgetting])
    expect(classifier.classes).toEqual(['class 1', 'class 2', 'class 3'])
    expect(await namesOf(classifier, [2])).toEqual(['class 2'])
    const loaded = await loadClassifier(await saved, { backbones: [backbone] })
    expect(loaded.classes).toEqual(['class 0', 'class 1'])
    for (const each of [classifier, loaded]) each.dispose()
  })

  it('stays as it was where an image cannot be read, or learning is stopped', async () => {
    const classifier = await taught(0, 1)
    const before = await classifier.save()
    const missing = join(folder, 'nothing.png')
    await expect(classifier.learn({ new: [...patterns(2, 3), missing] })).rejects.toThrow(missing)
    const stop = new AbortController()
    const stopped = classifier.learn(
      { new: patterns(2, 10) },
      { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) },
    )
    await expect(stopped).rejects.toThrow('enough')
    expect(await classifier.save()).toEqual(before)
    classifier.dispose()
  })

  it('leaves no tensor behind', async () => {
    const around = tf.memory().numTensors
    const classifier = await taught(0, 1, 2)
    const before = tf.memory().numTensors
    for (let i = 0; i < 3; i++) {
      await classifier.predict(patterns(0, 19))
      await classifier.addImages('class 0', patterns(0, 5, 50 + i))
      await classifier.learn({ extra: patterns(4, 2) })
      await classifier.removeClass('extra')
      await classifier.save()
    }
    expect(tf.memory().numTensors).toBe(before)
    classifier.dispose()
    expect(tf.memory().numTensors).toBe(around)
    await expect(classifier.predict(pattern(0, 0))).rejects.toMatchObject({ code: 'disposed' })
    expect(() => classifier.removeClass('class 0')).toThrow('disposed')
  })

  it('refuses what is no image, and classes without any', async () => {
    const classifier = await make()
    const refused = (image: unknown) =>
      expect(classifier.learn({ x: image as Uint8Array })).rejects.toMatchObject({ code: 'unknown-image' })
    await refused(7)
    await refused({ width: 2, height: 2, data: new Uint8Array(5) })
    await refused({ width: 2, height: 2 })
    await refused(tf.zeros([2, 2]))
    await expect(classifier.learn({ x: [] })).rejects.toMatchObject({ code: 'no-images' })
    await expect(classifier.learn({})).rejects.toMatchObject({ code: 'no-images' })
    await expect(classifier.addImages('x', pattern(0, 0))).rejects.toMatchObject({ code: 'unknown-class' })
    classifier.dispose()
  })
})

describe('images', () => {
  it('are the same as a file, bytes, a Blob, pixels and a tensor, and upright', async () => {
    const classifier = await taught(0, 1, 2)
    const { width, height, data } = pattern(1, 3)
    const raw = { raw: { width, height, channels: 3 as const } }
    const png = await sharp(Buffer.from(data), raw).png().toBuffer()
    const path = join(folder, 'image.png')
    await sharp(png).toFile(path)
    // Stored turned, with the note that it is to be turned back.
    const turned = await sharp(await sharp(png).rotate(-90).png().toBuffer())
      .withMetadata({ orientation: 6 })
      .tiff({ compression: 'none' })
      .toBuffer()
    const rgba = new Uint8ClampedArray(width * height * 4)
    for (let i = 0; i < width * height; i++) rgba.set([...data.subarray(i * 3, i * 3 + 3), 255], i * 4)
    const ints = tf.tensor3d(Array.from(data), [height, width, 3], 'int32')
    const floats = tf.tensor3d(
      Array.from(data, (value) => value / 255),
      [height, width, 3],
    )
    const all = [
      path,
      new URL(`file://${path}`),
      png,
      new Uint8Array(png).buffer,
      new Blob([new Uint8Array(png)]),
      turned,
      { width, height, data: rgba },
      { width, height, data },
      ints,
      floats,
    ]
    const predictions = await classifier.predict(all)
    for (const prediction of predictions)
      prediction.forEach(({ name, probability }, i) => {
        expect(name).toBe(predictions[0]![i]!.name)
        expect(probability).toBeCloseTo(predictions[0]![i]!.probability, 4)
      })
    tf.dispose([ints, floats])
    classifier.dispose()
  })
})

describe('a backbone', () => {
  it('is loaded by the classifier, and goes with it, or stays with whom it belongs to', async () => {
    const before = tf.memory().numTensors
    const offer = { name: 'tiny', load: () => Promise.resolve(tinyBackbone()) }
    const classifier = await createClassifier({ backbone: offer })
    await classifier.learn({ a: patterns(0, 2), b: patterns(1, 2) })
    expect((await classifier.predict(pattern(1, 8)))[0]!.name).toBe('b')
    classifier.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('is EfficientNet-Lite0 where none is named', async () => {
    const classifier = await createClassifier()
    expect(classifier.backbone).toBe('efficientnet-lite0')
    const plain = (level: number) => ({ width: 4, height: 6, data: new Uint8Array(4 * 6 * 3).fill(level) })
    await classifier.learn({ dark: plain(10), light: plain(240) })
    expect((await classifier.predict(plain(230)))[0]!.name).toBe('light')
    const again = await loadClassifier(await classifier.save())
    expect(await again.predict(plain(230))).toEqual(await classifier.predict(plain(230)))
    for (const each of [classifier, again]) each.dispose()
  })
})

describe('saving', () => {
  it('keeps everything in one file, and goes on as the saved one would have', async () => {
    const classifier = await taught(0, 1, 2)
    const place = join(folder, 'model')
    await classifier.save(place)
    expect(await readdir(place)).toEqual(['classifier.safetensors'])
    const file = join(folder, 'other.safetensors')
    await classifier.save(file)
    const blob = new Blob([await classifier.save()])
    for (const from of [place, join(place, 'classifier.safetensors'), file, blob, await blob.arrayBuffer()]) {
      const loaded = await loadClassifier(from, {
        backbones: [{ name: backbone.name, load: () => Promise.resolve(tinyBackbone()) }],
      })
      expect(loaded.classes).toEqual(classifier.classes)
      expect(loaded.calibration).toEqual(classifier.calibration)
      expect(await loaded.predict(pattern(1, 5))).toEqual(await classifier.predict(pattern(1, 5)))
      loaded.dispose()
    }
    const loaded = await loadClassifier(file, { backbones: [backbone], methods: [simplecil] })
    for (const each of [classifier, loaded]) await each.learn({ 'class 0': patterns(0, 7, 30), new: patterns(4, 6) })
    expect(await loaded.save()).toEqual(await classifier.save())
    for (const each of [classifier, loaded]) each.dispose()
  })

  it('refuses other backbones, methods it is not given, and what is no classifier', async () => {
    const classifier = await taught(0, 1)
    const bytes = await classifier.save()
    const other = { ...backbone, fingerprint: () => Promise.resolve('another') }
    await expect(loadClassifier(bytes, { backbones: [other] })).rejects.toMatchObject({ code: 'backbone-changed' })
    await expect(loadClassifier(bytes)).rejects.toMatchObject({ code: 'no-backbone' })
    const renamed = new TextDecoder('latin1').decode(bytes).replace('simplecil', 'simplecim')
    const foreign = Uint8Array.from(renamed, (letter) => letter.charCodeAt(0))
    await expect(loadClassifier(foreign, { backbones: [backbone] })).rejects.toMatchObject({ code: 'unknown-method' })
    for (const broken of [bytes.subarray(0, 99), bytes.subarray(0, bytes.length - 4), new Uint8Array(3)])
      await expect(loadClassifier(broken, { backbones: [backbone] })).rejects.toMatchObject({
        code: 'invalid-classifier',
      })
    await expect(loadClassifier(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'no-classifier' })
    classifier.dispose()
  })
})
