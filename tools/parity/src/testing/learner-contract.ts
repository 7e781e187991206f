import { arrayImages, createContext, createRng, createVit, initVit } from '@pilotjs/core'
import type { Backbone, JsonValue, LabeledImages, Learner, Method, NamedTensors, Task } from '@pilotjs/core'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'

const size = 8
const classesPerTask = 2

/** Images whose pattern tells the class, with a little noise. */
export function patternImages(labels: readonly number[], name: string): LabeledImages {
  const length = size * size * 3
  const values = new Float32Array(labels.length * length)
  labels.forEach((label, image) => {
    const pattern = createRng(100 + label).normals(length, 0, 1)
    const noise = createRng(7).fork(name, image).normals(length, 0, 0.3)
    for (let i = 0; i < length; i++) values[image * length + i] = pattern[i]! + noise[i]!
  })
  return arrayImages({ labels, name, size: [size, size], values })
}

/** A task of ten images a class. */
export function patternTask(index: number, classes: readonly number[], classesBefore = index * classesPerTask): Task {
  const labels = Array.from({ length: 10 * classes.length }, (_, i) => classes[i % classes.length]!)
  return {
    index,
    classes,
    classesBefore,
    classesAfter: Math.max(classesBefore, ...classes.map((label) => label + 1)),
    train: patternImages(labels, `task${index}`),
  }
}

/** A tiny transformer whose features depend on the image: timm's initial weights hardly do, so linear ones are larger here. */
export function tinyBackbone(): Backbone {
  const config = { imageSize: size, patchSize: 4, width: 16, depth: 2, heads: 2 }
  const weights = Object.entries(initVit(config, createRng(1))).map(([name, tensor]) => {
    const linear = tensor.rank === 2 && name.endsWith('.weight')
    const scaled = tf.mul(tensor, linear ? 50 / Math.sqrt(tensor.shape[1]!) : 1)
    tensor.dispose()
    return [name, scaled] as const
  })
  return createVit(config, Object.fromEntries(weights), { fingerprint: 'tiny' })
}

async function scoresOf(learner: Learner, images: LabeledImages): Promise<{ shape: number[]; values: Float32Array }> {
  for await (const batch of images.batches({ size: images.length, view: 'eval' })) {
    const scores = await learner.score(batch.images)
    const values = (await scores.data()) as Float32Array
    tf.dispose(scores)
    batch.dispose()
    return { shape: scores.shape, values }
  }
  throw new Error('there are no images to score')
}

/** What a state is after a way through files: copies of the tensors, JSON written and read. */
function saved(learner: Learner): { tensors: NamedTensors; json: Record<string, JsonValue> } {
  const { tensors, json } = learner.state()
  return {
    tensors: Object.fromEntries(
      Object.entries(tensors).map(([name, own]) => [name, tf.tensor(own.dataSync().slice(), own.shape, own.dtype)]),
    ),
    json: JSON.parse(JSON.stringify(json)) as Record<string, JsonValue>,
  }
}

/** What every learner promises, checked on a tiny stream: use inside `describe`. */
export function keepsTheContract<O>(method: Method<O>, options: Record<string, JsonValue>): void {
  const tasks = [patternTask(0, [0, 1]), patternTask(1, [2, 3]), patternTask(2, [4, 5])]
  const plan = { totalClasses: 6, baseClasses: classesPerTask, increment: classesPerTask }
  const make = (backbone: Backbone) =>
    method.create({ backbone, options: method.options.parse(options), rng: createRng(3), plan })
  const exam = patternImages([0, 1, 2, 3, 4, 5, 0, 1], 'exam')

  it('scores every class seen, learns the newest ones, and leaves no tensor behind', async () => {
    const backbone = tinyBackbone()
    const before = tf.memory().numTensors
    const learner = make(backbone)
    const context = createContext({ seed: 5 })
    const beside: number[] = []
    for (const task of tasks) {
      await learner.learn(task, context(task))
      const { shape, values } = await scoresOf(learner, exam)
      expect(shape).toEqual([exam.length, task.classesAfter])
      expect(values.every(Number.isFinite)).toBe(true)
      // Beside what the learner keeps, the number of tensors does not grow.
      beside.push(tf.memory().numTensors - Object.keys(learner.state().tensors).length)

      const own = await scoresOf(learner, task.train)
      const right = Array.from(task.train.labels).filter((label, image) => {
        const row = own.values.subarray(image * task.classesAfter, (image + 1) * task.classesAfter)
        return task.classes.every((other) => row[label]! >= row[other]!)
      })
      expect(right.length / task.train.length).toBeGreaterThan(0.6)
    }
    expect(new Set(beside).size).toBe(1)
    learner.dispose()
    expect(tf.memory().numTensors).toBe(before)
    backbone.dispose()
  })

  it('goes on from a saved state bit for bit', async () => {
    const backbone = tinyBackbone()
    const [whole, resumed] = [make(backbone), make(backbone)]
    const [wholeContext, resumedContext] = [createContext({ seed: 5 }), createContext({ seed: 5 })]
    const context = {
      whole: tasks.map((task) => wholeContext(task)),
      resumed: tasks.map((task) => resumedContext(task)),
    }
    await whole.learn(tasks[0]!, context.whole[0]!)
    await whole.learn(tasks[1]!, context.whole[1]!)
    const state = saved(whole)
    resumed.restore(state)
    tf.dispose(state.tensors as Record<string, tf.Tensor>)
    expect((await scoresOf(resumed, exam)).values).toEqual((await scoresOf(whole, exam)).values)

    await whole.learn(tasks[2]!, context.whole[2]!)
    await resumed.learn(tasks[2]!, context.resumed[2]!)
    const [a, b] = [whole.state(), resumed.state()]
    expect(Object.keys(b.tensors).sort()).toEqual(Object.keys(a.tensors).sort())
    for (const [name, tensor] of Object.entries(a.tensors))
      expect(b.tensors[name]!.dataSync(), name).toEqual(tensor.dataSync())
    expect(b.json).toEqual(a.json)
    expect((await scoresOf(resumed, exam)).values).toEqual((await scoresOf(whole, exam)).values)
    for (const learner of [whole, resumed]) learner.dispose()
    backbone.dispose()
  })

  it('learns classes that come again in another domain, or says that it does not', async () => {
    const backbone = tinyBackbone()
    const learner = make(backbone)
    const context = createContext({ seed: 5 })
    const again = patternTask(1, [1, 0], 2)
    await learner.learn(tasks[0]!, context(tasks[0]!))
    const refused = await learner.learn(again, context(again)).then(
      () => undefined,
      (error: unknown) => String(error),
    )
    if (refused === undefined) expect((await scoresOf(learner, exam)).shape).toEqual([exam.length, 2])
    else expect(refused).toMatch(/brings a class again/)
    learner.dispose()
    backbone.dispose()
  })

  it('reads the same scores off features, where it has a readout', async () => {
    const backbone = tinyBackbone()
    const learner = make(backbone)
    const context = createContext({ seed: 5 })
    for (const task of tasks.slice(0, 2)) await learner.learn(task, context(task))
    const { readout } = learner
    const { values } = await scoresOf(learner, exam)
    if (readout) {
      const { features } = context(tasks[2]!)
      const extracted = await features.extract(exam, readout.extractor)
      const read = tf.tidy(() => readout.score(extracted))
      const deviation = Math.max(...Array.from(read.dataSync(), (score, i) => Math.abs(score - values[i]!)))
      expect(deviation).toBeLessThan(1e-4)
      tf.dispose([extracted, read])
    }
    learner.dispose()
    backbone.dispose()
  })
}
