export * from './even-batches'
export * from './feature-cache'
export * from './frozen'
export * from './side-by-side'
