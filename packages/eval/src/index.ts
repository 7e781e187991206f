export * from './comparison/index'
export * from './metrics/index'
export * from './protocol/index'
export * from './run-log/index'
