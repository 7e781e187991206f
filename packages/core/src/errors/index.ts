export { PilotError } from './pilot-error'
