import { isAbsolute } from 'node:path'
import { digestOf } from '../digest-of'
import type { RunConfig } from '../run-directory/run-config'

/** Digits of a run's name: two of 20,000 runs meet with a chance of 1e-11. */
const DIGITS = 16

/**
 * What a run is, in 16 hexadecimal digits. Where data and weights lie does not count, what they contain does; nor does what was
 * written down when it was started.
 */
export function runIdentity(config: RunConfig, data: string, backbone: string): string {
  const { name } = config.data
  const what = {
    ...config,
    provenance: undefined,
    data: { ...config.data, root: undefined, name: isAbsolute(name) ? '' : name, digest: data },
    backbone: isAbsolute(config.backbone) ? '' : config.backbone,
    weights: backbone,
  }
  return digestOf(what).slice(0, DIGITS)
}
