import type { ProgressEvent } from '@pilotjs/core'
import type { PhaseRecord } from './record'

/** Folds a learner's progress events into one record per phase: the loss of every epoch and what was trained. */
export function progressRecorder() {
  const phases: { phase: string; trainableParameters: number; sums: number[]; steps: number[] }[] = []
  return {
    add(event: ProgressEvent): void {
      // Phases that train nothing have no losses to record.
      if (event.kind === 'phase' && event.epochs > 0)
        phases.push({ phase: event.phase, trainableParameters: event.trainableParameters, sums: [], steps: [] })
      if (event.kind !== 'step') return
      let phase = phases.findLast((candidate) => candidate.phase === event.phase)
      if (!phase) phases.push((phase = { phase: event.phase, trainableParameters: 0, sums: [], steps: [] }))
      phase.sums[event.epoch] = (phase.sums[event.epoch] ?? 0) + event.loss
      phase.steps[event.epoch] = (phase.steps[event.epoch] ?? 0) + 1
    },
    records(): PhaseRecord[] {
      return phases.map(({ phase, trainableParameters, sums, steps }) => ({
        phase,
        trainableParameters,
        losses: sums.map((sum, epoch) => sum / steps[epoch]!),
      }))
    },
  }
}
