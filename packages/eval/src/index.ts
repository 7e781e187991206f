export * from './comparison/index'
export * from './metrics/index'
export * from './protocol/index'
