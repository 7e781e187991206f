import type { JsonValue } from '@pilotjs/core'

/**
 * What the demo compares, in this order, and with which options: each method's own, but for epochs and learning rates,
 * which suit small images, few of them, and somebody who is watching. Methods that aren't installed are left out.
 */
export const demoMethods: Readonly<Record<string, Readonly<Record<string, JsonValue>>>> = {
  finetune: {},
  simplecil: {},
}
