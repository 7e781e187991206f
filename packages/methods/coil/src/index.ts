export * from './coil'
export { coil as default } from './coil'
