export * from './feature-cache'
