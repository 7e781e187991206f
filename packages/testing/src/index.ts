export { contractOf, keepsTheContract } from './keeps-the-contract'
export { contextOf, learnTasks, savedState, scoresAloneAndTogether, scoresOf } from './learning'
export { patternImages, patternTask, tinyBackbone } from './patterns'
export type { Promised } from './promised'
