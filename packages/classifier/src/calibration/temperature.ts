/** Scores of images whose classes are known, rows of `classes` numbers. */
export interface ScoredImages {
  readonly scores: Float32Array
  readonly classes: number
  readonly labels: readonly number[]
}

/** Softmax of scores / temperature, a row at a time. */
export function probabilitiesOf(scores: Float32Array, classes: number, temperature: number): Float32Array {
  const out = new Float32Array(scores.length)
  for (let start = 0; start < scores.length; start += classes) {
    const row = scores.subarray(start, start + classes)
    const top = row.reduce((most, score) => Math.max(most, score), -Infinity)
    const powers = Array.from(row, (score) => Math.exp((score - top) / temperature))
    const sum = powers.reduce((total, power) => total + power, 0)
    powers.forEach((power, i) => (out[start + i] = power / sum))
  }
  return out
}

const golden = (Math.sqrt(5) - 1) / 2

/**
 * The temperature under which these images' classes are most probable (Guo et al., On Calibration of Modern Neural Networks, ICML
 * 2017). The loss is convex in 1 / temperature, so that a golden-section search over its logarithm finds the least. Few images
 * that are all named right would ask for certainty: targets are softened as Platt does (1999), by one image in n + 2 that may be
 * another.
 */
export function fitTemperature({ scores, classes, labels }: ScoredImages): number {
  const spread = meanSpread(scores, classes)
  if (labels.length === 0 || classes < 2 || !(spread > 0)) return 1
  const doubt = 1 / (labels.length + 2)
  const loss = (logTemperature: number): number => {
    const temperature = Math.exp(logTemperature)
    let total = 0
    labels.forEach((label, image) => {
      const row = scores.subarray(image * classes, (image + 1) * classes)
      const top = row.reduce((most, score) => Math.max(most, score), -Infinity)
      const sum = row.reduce((sofar, score) => sofar + Math.exp((score - top) / temperature), 0)
      const mean = (row.reduce((sofar, score) => sofar + score, 0) - row[label]!) / (classes - 1)
      const target = (1 - doubt) * row[label]! + doubt * mean
      total += Math.log(sum) - (target - top) / temperature
    })
    return total
  }
  let [low, high] = [Math.log(spread * 1e-4), Math.log(spread * 1e3)]
  while (high - low > 1e-3) {
    const width = (high - low) * golden
    if (loss(high - width) < loss(low + width)) high = low + width
    else low = high - width
  }
  return Math.exp((low + high) / 2)
}

/** How far the scores of an image lie from each other, on average: what a temperature is large or small beside. */
function meanSpread(scores: Float32Array, classes: number): number {
  let total = 0
  for (let start = 0; start < scores.length; start += classes) {
    const row = scores.subarray(start, start + classes)
    const mean = row.reduce((sum, score) => sum + score, 0) / classes
    total += row.reduce((sum, score) => sum + Math.abs(score - mean), 0) / classes
  }
  return scores.length === 0 ? 0 : total / (scores.length / classes)
}
