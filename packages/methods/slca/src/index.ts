export * from './slca'
export { slca as default } from './slca'
