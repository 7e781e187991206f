export * from './my-method'
export { myMethod as default } from './my-method'
