import { StreamOptionError } from './stream-option-error'

/** @throws StreamOptionError unless the value is an integer of at least `least` */
export function assertInteger(option: string, value: number, least: number, meaning: string): void {
  if (Number.isInteger(value) && value >= least) return
  const message = `${option} (${meaning}) must be an integer of at least ${least}, got ${value}`
  throw new StreamOptionError(option, value, message)
}

/** @throws StreamOptionError unless the value lies between 0 and 1, both included */
export function assertShare(option: string, value: number, meaning: string): void {
  if (value >= 0 && value <= 1) return
  throw new StreamOptionError(option, value, `${option} (${meaning}) must lie between 0 and 1, got ${value}`)
}
