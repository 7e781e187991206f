export { PilotError } from './pilot-error'
export type { ErrorFacts } from './pilot-error'
