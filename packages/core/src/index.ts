// What every program and every method needs: the contracts, the words a learner is written in, an engine. The rest has an
// entry a folder (`@pilotjs/core/heads`, `@pilotjs/core/training`, …), so that a name stands where its folder says.
export * from './contracts/index'
export * from './errors/index'
export { EngineError } from './engine/engine-error'
export type { EngineErrorCode } from './engine/engine-error'
export type { EngineSelection } from './engine/engines'
export { selectEngine } from './engine/select-engine'
export type { BrowserEngine, BrowserEngineOptions } from './engine/select-engine'
export * from './learning/index'
