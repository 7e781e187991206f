export { stateAddress, type StateAddress } from './address'
export { StateError, type StateCode } from './state-error'
export { openStateStore, type StateStore, type StoredRun } from './state-store'
