export * from './der'
export { der as default } from './der'
