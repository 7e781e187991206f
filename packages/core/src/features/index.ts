export * from './feature-cache'
export * from './frozen'
