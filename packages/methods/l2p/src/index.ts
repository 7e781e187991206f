export * from './l2p'
export { l2p as default } from './l2p'
