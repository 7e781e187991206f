export * from './check-finite'
export * from './check-weights'
export * from './fingerprint'
export * from './variables'
