export * from './cofima'
export { cofima as default } from './cofima'
