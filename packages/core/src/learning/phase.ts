import type { LearnContext } from '../contracts/learner'

/** Announces a phase that computes and trains nothing: prototypes, statistics, a merging. */
export const announcePhase = (context: Pick<LearnContext, 'report'>, phase: string): void =>
  context.report({ kind: 'phase', phase, epochs: 0, stepsPerEpoch: 0, trainableParameters: 0 })
