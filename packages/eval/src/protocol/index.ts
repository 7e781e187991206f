export { evaluate, type EvaluateOptions, type RunEvent, type ScoredTask } from './evaluate'
export type { PhaseRecord, Predictions, Reading, TaskCost, TaskRecord } from './record'
export { scoreImages, type ScoredImages, type ScoreOptions } from './score-images'
export type { EvaluationStream } from './stream'
