export * from './array-images'
