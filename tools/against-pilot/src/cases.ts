import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PilotConfig } from './job'
import type { Scale } from './scale'
import { scaledConfig } from './scale'

/** A method, and the config of PILOT's that it is compared by. */
export interface Case {
  /** As the ledger names it. */
  readonly name: string
  /** As `pilot run` knows it. */
  readonly method: string
  /** In PILOT's folder `exps`. */
  readonly file: string
  /** What is changed of the file for both sides, beside what `Scale` says. */
  readonly changes?: PilotConfig
}

const of = (method: string, file = method, changes?: PilotConfig, name = method): Case => ({
  name,
  method,
  file: `${file}.json`,
  ...(changes ? { changes } : {}),
})

export const cases: readonly Case[] = [
  of('simplecil'),
  of('aper', 'aper_aperpter', {}, 'aper-adapter'),
  of('aper', 'aper_ssf', {}, 'aper-ssf'),
  of('aper', 'aper_vpt_deep', {}, 'aper-vpt-deep'),
  of('aper', 'aper_vpt_shallow', {}, 'aper-vpt-shallow'),
  of('aper', 'aper_finetune', {}, 'aper-finetune'),
  // PILOT solves for 10,000 numbers an image a dozen times a task: minutes on one thread.
  of('ranpac', 'ranpac', { M: 2000 }),
  of('ease'),
  of('l2p'),
  of('finetune'),
  of('icarl'),
  of('der'),
  of('dualprompt'),
  of('coda-prompt', 'coda_prompt', { shuffle: true }),
  of('fecam'),
  of('lae'),
  of('slca'),
  of('cofima'),
  of('mos'),
  of('duct'),
  of('foster'),
  of('memo'),
  of('coil'),
  of('dgr'),
]

/** PILOT's config of a case, as it is in the checkout. */
export async function shippedConfig({ file }: Case, checkout: string): Promise<PilotConfig> {
  return JSON.parse(await readFile(join(checkout, 'exps', file), 'utf8')) as PilotConfig
}

/** The same as it is compared: small enough, and with the case's own changes. */
export const comparedConfig = ({ changes }: Case, shipped: PilotConfig, scale: Scale): PilotConfig => ({
  ...scaledConfig(shipped, scale),
  ...changes,
})
