import type { Schedule } from './schedule'

/**
 * From the group's rate down a quarter of a cosine, an epoch a step, to 1.6 % of it in the last one: CODA-Prompt's schedule
 * cos(99 π epoch / (200 (epochs − 1))) (Smith et al., CVPR 2023, in its code).
 * @param options.lag epochs that it comes late. Default 0.
 */
export const quarterCosine =
  (options: { lag?: number } = {}): Schedule =>
  (learningRate, { epoch, epochs }) => {
    const time = Math.max(0, epoch - (options.lag ?? 0))
    return epochs > 1 ? learningRate * Math.cos((99 * Math.PI * time) / (200 * (epochs - 1))) : learningRate
  }
