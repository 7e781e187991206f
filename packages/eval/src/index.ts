export * from './metrics/index'
export * from './protocol/index'
