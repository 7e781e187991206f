export * from './ease'
export { ease as default } from './ease'
