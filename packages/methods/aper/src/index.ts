export * from './aper'
export { aper as default } from './aper'
