import { relative, sep } from 'node:path'
import type { PassedOver, PassedOverReason } from '../dataset/reading-report'

/** Collects what is passed over while a folder is read. */
export interface PassedOverLog {
  note(reason: PassedOverReason, path: string): void
  list(): readonly PassedOver[]
}

/** @param root what the examples' paths begin after */
export function passedOverLog(root: string): PassedOverLog {
  const noted = new Map<PassedOverReason, { count: number; readonly example: string }>()
  return {
    note(reason, path) {
      const known = noted.get(reason)
      if (known) known.count++
      else noted.set(reason, { count: 1, example: relative(root, path).split(sep).join('/') })
    },
    list: () => [...noted].map(([reason, { count, example }]) => ({ reason, count, example })),
  }
}
