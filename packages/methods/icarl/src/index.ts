export * from './icarl'
export { icarl as default } from './icarl'
