export * from './dualprompt'
export { dualprompt as default } from './dualprompt'
