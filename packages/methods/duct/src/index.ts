export * from './duct'
export { duct as default } from './duct'
