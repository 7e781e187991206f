export * from './lae'
export { lae as default } from './lae'
