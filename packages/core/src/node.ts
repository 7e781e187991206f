export { EngineError } from './engine/engines'
export type { EngineSelection } from './engine/engines'
export { selectEngine } from './node/select-engine'
export type { EngineOptions, NodeEngine } from './node/select-engine'
