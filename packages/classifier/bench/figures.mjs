// Calibration and unknown classes, on Icons-100 with vit-icons. Prints a JSON line a method: the figures of the README.
//     node packages/classifier/bench/figures.mjs [images a class, default all]
import { createClassifier } from '@pilotjs/classifier'
import { selectEngine } from '@pilotjs/core/node'
import { fecam } from '@pilotjs/fecam'
import { loadIcons100 } from '@pilotjs/icons-100'
import { ranpac } from '@pilotjs/ranpac'
import { simplecil } from '@pilotjs/simplecil'
import { loadVitIcons } from '@pilotjs/vit-icons'

const perClass = Number(process.argv[2] ?? Infinity)
const icons = await loadIcons100()
await selectEngine('auto')
const backbone = await loadVitIcons()

/** The images of these classes, each with its name; so many of a class at most. */
function imagesOf(source, classes, most = Infinity) {
  const counts = new Map()
  return [...source.labels.entries()].flatMap(([index, label]) => {
    const count = counts.get(label) ?? 0
    counts.set(label, count + 1)
    return classes(label) && count < most ? [{ name: icons.classNames[label], image: source.read(index) }] : []
  })
}

async function taught(method, classes) {
  const classifier = await createClassifier({ method, backbone })
  // Ten classes at a time, as they come.
  for (let first = 0; first < 100; first += 10) {
    const task = imagesOf(icons.train, (label) => classes(label) && label >= first && label < first + 10, perClass)
    const byName = {}
    for (const { name, image } of task) (byName[name] ??= []).push(image)
    if (task.length > 0) await classifier.learn(byName)
  }
  return classifier
}

/** Expected calibration error, 15 bins (Guo et al., 2017). */
function calibrationError(answers) {
  const bins = Array.from({ length: 15 }, () => ({ sure: 0, right: 0 }))
  for (const { probability, right } of answers) {
    const bin = bins[Math.min(14, Math.floor(probability * 15))]
    bin.sure += probability
    bin.right += right ? 1 : 0
  }
  return bins.reduce((sum, { sure, right }) => sum + Math.abs(sure - right), 0) / answers.length
}

/** How often an image of an unknown class seems less known than one of a known class. */
function areaUnderCurve(known, unknown) {
  const all = [...known.map((value) => ({ value, own: 0 })), ...unknown.map((value) => ({ value, own: 1 }))]
  all.sort((a, b) => a.value - b.value)
  const ranks = all.reduce((sum, { own }, place) => sum + own * (place + 1), 0)
  return (ranks - (unknown.length * (unknown.length + 1)) / 2) / (known.length * unknown.length)
}

/** Probabilities without a temperature, out of those with one: p^T, normalised. */
function untempered(prediction, temperature) {
  const powers = prediction.map(({ probability }) => Math.log(Math.max(probability, 1e-45)) * temperature)
  const top = Math.max(...powers)
  return 1 / powers.reduce((sum, power) => sum + Math.exp(power - top), 0)
}

const methods = {
  simplecil: simplecil(),
  'ridge (ranpac, no projection)': ranpac({ tuning: 'none', randomProjection: false }),
  'ranpac, frozen, 2000 projections': ranpac({ tuning: 'none', projectionSize: 2000 }),
  'fecam, frozen': fecam({ tuning: 'none' }),
}
for (const [method, configured] of Object.entries(methods)) {
  const whole = await taught(configured, () => true)
  const exam = imagesOf(icons.test, () => true)
  const predictions = await whole.predict(exam.map(({ image }) => image))
  const { temperature } = whole.calibration
  const right = predictions.map(([best], i) => best.name === exam[i].name)
  const after = predictions.map(([best], i) => ({ probability: best.probability, right: right[i] }))
  const before = predictions.map((each, i) => ({ probability: untempered(each, temperature), right: right[i] }))
  whole.dispose()

  const half = await taught(configured, (label) => label < 50)
  const novelty = async (classes) =>
    (
      await half.predict(
        imagesOf(icons.test, classes).map(({ image }) => image),
        { top: 1 },
      )
    ).map(({ unknown, isUnknown }) => ({ unknown, isUnknown }))
  const [known, unknown] = [await novelty((label) => label < 50), await novelty((label) => label >= 50)]
  const share = (some) => some.filter(({ isUnknown }) => isUnknown).length / some.length
  half.dispose()
  const figure = (value) => Number(value.toFixed(4))
  console.log(
    JSON.stringify({
      method,
      accuracy: figure(right.filter(Boolean).length / right.length),
      temperature: Number(temperature.toPrecision(3)),
      'calibration error before': figure(calibrationError(before)),
      after: figure(calibrationError(after)),
      'unknown AUROC': figure(areaUnderCurve(...[known, unknown].map((some) => some.map((each) => each.unknown)))),
      'known refused': figure(share(known)),
      'unknown refused': figure(share(unknown)),
    }),
  )
}
