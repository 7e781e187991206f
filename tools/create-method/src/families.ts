/** What a new method may begin as, and what of the house it then needs beside core. */
export const families = {
  prototype: [],
  adapter: ['@pilotjs/peft'],
  prompt: ['@pilotjs/peft'],
  rehearsal: ['@pilotjs/rehearsal'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type Family = keyof typeof families

/** @throws Error naming the families there are */
export function readFamily(input: string): Family {
  if (Object.hasOwn(families, input)) return input as Family
  throw new Error(`there is no family "${input}"; there are ${Object.keys(families).join(', ')}`)
}
