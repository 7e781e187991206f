import { PilotError } from '@pilotjs/core'
import type { PilotMapping, StreamPlan } from '@pilotjs/core'
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

/**
 * The budget that these options ask for.
 * @param plan where the stream is known beforehand: a memory that would be too small for its last task is refused before the
 *   first
 * @throws PilotError `memory-too-small`
 */
export function budgetOf(options: MemoryOptions, plan?: Pick<StreamPlan, 'totalClasses'>): ExemplarBudget {
  const { fixedMemory, memorySize } = options
  if (!fixedMemory && plan && memorySize < plan.totalClasses) {
    const message = `memorySize is ${memorySize}, but ${plan.totalClasses} classes come: not one exemplar for each would be left`
    throw new PilotError('memory-too-small', message, {
      option: 'memorySize',
      value: memorySize,
      classes: plan.totalClasses,
    })
  }
  return options.fixedMemory ? { perClass: options.memoryPerClass } : { total: options.memorySize }
}
