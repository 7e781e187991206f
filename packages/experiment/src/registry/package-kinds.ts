import type { Method } from '@pilotjs/core'
import type { DatasetPackage } from '@pilotjs/data'
import type { RegisteredBackbone } from '@pilotjs/hub'

/** What a package can hold, said in its package.json (`"pilotjs": { "method": "l2p" }`); the default export is it. */
export interface PackageKinds {
  method: Method
  backbone: RegisteredBackbone
  dataset: DatasetPackage
}

export type PackageKind = keyof PackageKinds

/** What is missing for a default export to be one of its kind; undefined where nothing is. */
export function whatIsWrong(kind: PackageKind, value: unknown): string | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return 'has no default export'
  const has = value as Record<string, unknown>
  if (typeof has.name !== 'string') return 'has a default export without a name'
  if (kind !== 'method') return typeof has.load === 'function' ? undefined : 'has a default export without load()'
  if (typeof value !== 'function') return 'has a default export that cannot be called'
  const { safeParse } = (has.options ?? {}) as Record<string, unknown>
  return typeof safeParse === 'function' ? undefined : 'has a default export without an options schema'
}
