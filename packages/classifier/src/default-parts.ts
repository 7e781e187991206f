import { PilotError } from '@pilotjs/core'
import type { Backbone, Method } from '@pilotjs/core'

/** A backbone, or what makes one of that name when it is asked to: a backbone package's default export. */
export type BackboneOffer = Backbone | { readonly name: string; load(): Promise<Backbone> }

/** Where no backbone is named: photographs, and it installs with npm. */
export const defaultBackbone = 'efficientnet-lite0'

/** Backbones that are imported by their names, where their package is installed. */
const packaged: Readonly<Record<string, () => Promise<{ readonly default: { load(): Promise<Backbone> } }>>> = {
  'efficientnet-lite0': () => import('@pilotjs/efficientnet-lite0'),
  'vit-icons': () => import('@pilotjs/vit-icons'),
}

/** @throws PilotError `no-backbone` naming what to install or to give */
export async function loadPackagedBackbone(name: string): Promise<Backbone> {
  const load = packaged[name]
  if (!load)
    throw new PilotError('no-backbone', `the backbone "${name}" is needed: give it as one of \`backbones\``, {
      backbone: name,
    })
  const module = await load().catch((cause: unknown) => {
    throw new PilotError(
      'no-backbone',
      `the backbone "${name}" is not installed: npm i @pilotjs/${name}, or give a backbone of your own`,
      { backbone: name, package: `@pilotjs/${name}` },
      { cause },
    )
  })
  return module.default.load()
}

/** SimpleCIL: see the README for why. */
export const defaultMethod = async (): Promise<Method> =>
  (await import('@pilotjs/simplecil')).simplecil as unknown as Method

/** Whether an offer is a backbone already. */
export const isBackbone = (offer: BackboneOffer): offer is Backbone => 'features' in offer
