import { readFileSync } from 'node:fs'

/** What PILOT's memory held and predicted after one task; features and means are base64 of little-endian float32. */
export interface GoldenMemory {
  source: string
  width: number
  perClass: number
  /** Of all training images so far, in stored order. */
  labels: number[]
  features: string
  memoryBefore: { index: number[]; label: number[] } | null
  memory: { index: number[]; label: number[] }
  /** Per new class, the picks and how far each was ahead of the runner-up. */
  herding: Record<string, { picks: number[]; margins: number[] }>
  classMeans: string
  testFeatures: string
  nearestMeanDistances: string
  nearestMean: number[]
}

export function readGolden(name: string): GoldenMemory {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')) as GoldenMemory
}

export function floats(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
}
