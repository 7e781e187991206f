export { tinyLearner } from './tiny-learner'
export { tinyImages, tinyStream } from './tiny-stream'
export type { TinyStream, TinyStreamOptions } from './tiny-stream'
