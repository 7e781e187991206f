export * from './foster'
export { foster as default } from './foster'
