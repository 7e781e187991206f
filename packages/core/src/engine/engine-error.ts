import { PilotError } from '../errors/pilot-error'

/** Why an engine cannot be had. */
export type EngineErrorCode =
  /** No engine of that name. */
  | 'engine-not-known'
  /** Its package is not there. */
  | 'engine-not-installed'
  /** Its package is there, and cannot be imported. */
  | 'engine-does-not-load'
  /** It refuses to start on this machine. */
  | 'engine-does-not-start'
  /** It has not answered in time. */
  | 'engine-silent'
  /** It computes, but wrong numbers. */
  | 'engine-computes-wrong'
  /** None of those that `auto` tries can be had. */
  | 'no-engine'
  /** It has no numbers of the precision that is asked for. */
  | 'engine-precision'
  /** An option that it cannot take. */
  | 'engine-option'

/** An engine that cannot be had; the message says what to install or set, the facts which engine, package or option it is. */
export class EngineError extends PilotError<EngineErrorCode> {
  override readonly name = 'EngineError'
}
