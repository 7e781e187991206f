export * from './mos'
export { mos as default } from './mos'
