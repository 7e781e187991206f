export * from './memo'
export { memo as default } from './memo'
