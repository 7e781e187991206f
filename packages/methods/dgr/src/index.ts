export * from './dgr'
export { dgr as default } from './dgr'
