export * from './ranpac'
export { ranpac as default } from './ranpac'
