export * from './fecam'
export { fecam as default } from './fecam'
