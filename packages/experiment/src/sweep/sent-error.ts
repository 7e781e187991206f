import type { ExperimentCode, ExperimentFacts } from '../experiment-error'
import { ExperimentError, isExperimentError, messageOf } from '../experiment-error'
import type { SentError } from './child-messages'

/** An error as JSON. */
export const sentError = (error: unknown): SentError =>
  isExperimentError(error)
    ? { message: error.message, code: error.code, facts: error.facts }
    : { message: messageOf(error) }

/** The error that was sent, with its code where it had one. */
export const receivedError = ({ message, code, facts }: SentError): Error =>
  code === undefined
    ? new Error(message)
    : new ExperimentError(code as ExperimentCode, facts as ExperimentFacts[ExperimentCode], message)
