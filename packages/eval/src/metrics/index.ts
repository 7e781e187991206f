export { accuracy } from './accuracy'
export { averageIncrementalAccuracy, lastAccuracy, type AccuracyMatrix } from './accuracy-matrix'
export { confusionMatrix, perClassAccuracy } from './confusion'
export { forgetting, forgettingByTask } from './forgetting'
export { groupedAccuracy, type GroupedAccuracy, type GroupedAccuracyOptions } from './grouped-accuracy'
export { measures, type AccuracyHistory, type Figures, type HouseMeasures, type Measure } from './measures'
export { around } from './round'
export { predictions, topK, topKAccuracy, type TopK } from './top-k'
export { backwardTransfer, forwardTransfer } from './transfer'
export {
  alignedExemplars,
  areaUnderAccuracy,
  imageBytes,
  learnerMemory,
  modelBytes,
  type BudgetPoint,
  type LearnerMemory,
} from './memory-aligned'
export {
  accuracyBySession,
  averageAnytimeAccuracy,
  cumulativeAccuracy,
  cumulativeForgetting,
  minimumAccuracies,
  worstCaseAccuracy,
  type OnlineHistory,
} from './online'
