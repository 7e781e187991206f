export * from './contracts/index'
export * from './random/rng'
