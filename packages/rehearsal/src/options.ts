import type { PilotMapping } from '@pilotjs/core'
import * as z from 'zod'
import type { ExemplarBudget } from './budget'

/** The options of every method with a memory, under PILOT's defaults; spread them into a method's own. */
export const memoryOptions = {
  memorySize: z.int().positive().default(2000).describe('exemplars in all, shared by the classes seen'),
  memoryPerClass: z.int().positive().default(20).describe('exemplars of each class, if fixedMemory'),
  fixedMemory: z.boolean().default(false).describe('keep memoryPerClass of each class instead of memorySize in all'),
}

export type MemoryOptions = z.infer<z.ZodObject<typeof memoryOptions>>

/** How PILOT's keys for them read. */
export const memoryPilotKeys = {
  memory_size: 'memorySize',
  memory_per_class: 'memoryPerClass',
  fixed_memory: 'fixedMemory',
} as const satisfies PilotMapping['keys']

/** The budget that these options ask for. */
export function budgetOf(options: MemoryOptions): ExemplarBudget {
  return options.fixedMemory ? { perClass: options.memoryPerClass } : { total: options.memorySize }
}
