import type { Backbone } from '@pilotjs/core'
import { nearestName } from '@pilotjs/core/names'
import { pilotBackbone, refusedPilotBackbone } from '@pilotjs/core/pilot-config'
import { BackboneError } from './backbone-error'
import { type CatalogueEntry, catalogue } from './catalogue'

/** A backbone that a package brings along, weights and all. */
export interface RegisteredBackbone {
  /** What users call it by. */
  readonly name: string
  /** One line for lists. */
  readonly description?: string
  load(): Promise<Backbone>
}

const registered = new Map<string, RegisteredBackbone>()

/** Makes a backbone known by name, in this program; a second registration of a name replaces the first. */
export function registerBackbone(backbone: RegisteredBackbone): void {
  registered.set(backbone.name, backbone)
}

/** All registered backbones, in the order of their registration. */
export const registeredBackbones = (): readonly RegisteredBackbone[] => [...registered.values()]

/** Every name that `findBackbone` knows in full, registered ones first. */
export const backboneNames = (): readonly string[] => [...registered.keys(), ...catalogue.map(({ name }) => name)]

/**
 * Looks a backbone up: a registered name, timm's name with or without its tag, timm's old `…_in21k`, or one of PILOT's
 * `backbone_type`s.
 * @throws BackboneError with the nearest name that exists
 */
export function findBackbone(name: string): RegisteredBackbone | CatalogueEntry {
  const found =
    registered.get(name) ??
    catalogue.find((entry) => entry.name === name) ??
    catalogue.find((entry) => entry.name.startsWith(`${name}.`)) ??
    byOldName(name)
  if (found) return found
  const refused = refusedPilotBackbone(name)
  if (refused !== undefined) throw new BackboneError('unknown', name, `backbone "${name}" cannot be had: ${refused}.`)
  const nearest = nearestName(name, [...backboneNames(), ...untagged()])
  throw new BackboneError(
    'unknown',
    name,
    `backbone "${name}" is not known${nearest === undefined ? '.' : `; did you mean "${nearest}"?`} ` +
      'Known are timm names such as vit_base_patch16_224.augreg_in21k, and the path of a .safetensors file or its folder.',
  )
}

const untagged = () => [...new Set(catalogue.map(({ name }) => name.slice(0, name.indexOf('.'))))]

function byOldName(name: string): CatalogueEntry | undefined {
  const meant = pilotBackbone(name) ?? name.replace(/_in21k$/, '.augreg_in21k')
  return catalogue.find((entry) => entry.name === meant)
}
