export * from './mersenne-twister'
export * from './rng'
