import type { Backbone } from '@pilotjs/core'
import { loadEfficientNetLite0 } from '@pilotjs/efficientnet-lite0'
import lite0Url from '@pilotjs/efficientnet-lite0/weights.safetensors?url'
import { loadVitIcons } from '@pilotjs/vit-icons'
import vitIconsUrl from '@pilotjs/vit-icons/weights.safetensors?url'

/** What the page looks at, and the backbone for it. */
export type Mode = 'drawings' | 'photographs'

const loaders = {
  'vit-icons': () => loadVitIcons(vitIconsUrl),
  'efficientnet-lite0': () => loadEfficientNetLite0(lite0Url),
}
const names = { drawings: 'vit-icons', photographs: 'efficientnet-lite0' } as const
const loaded = new Map<string, Promise<Backbone>>()

/** The backbone of this name, loaded once. @throws Error where the page has none */
export function backboneNamed(name: string): Promise<Backbone> {
  const load = Object.hasOwn(loaders, name) ? loaders[name as keyof typeof loaders] : undefined
  if (!load) return Promise.reject(new Error(`this page has no backbone "${name}"`))
  const known = loaded.get(name) ?? load()
  loaded.set(name, known)
  // A failed download may be tried again.
  known.catch(() => loaded.delete(name))
  return known
}

export const backboneFor = (mode: Mode): Promise<Backbone> => backboneNamed(names[mode])

export const modeOf = (backbone: string): Mode => (backbone === names.photographs ? 'photographs' : 'drawings')
