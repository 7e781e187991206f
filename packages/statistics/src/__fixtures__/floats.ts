import { readFileSync } from 'node:fs'
import { tensor } from '@tensorflow/tfjs-core'
import type { Tensor2D } from '@tensorflow/tfjs-core'

/** Base64 of little-endian float32. */
export function floats(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
}

/** Rows of this width. */
export function rows(text: string, width: number): Tensor2D {
  const values = floats(text)
  return tensor(values, [values.length / width, width])
}

export const readFixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')) as T

/** The record of PILOT's RanPAC: per task the features before the projection in loader order, and what became of them. */
export interface RanpacRecord {
  width: number
  outputs: number
  classes: number
  strengths: number[]
  projection: string
  tasks: {
    labels: number[]
    features: string
    ridge: number
    errors: number[]
    gram?: string
    classSums: string
    weights: string
  }[]
}

/** The record of PILOT's FeCAM. */
export interface FecamRecord {
  width: number
  labels: number[]
  features: string
  means: string
  firstCovariances: string
  firstPseudoInverses: string
  testFeatures: string
  distances: string
}

/** Largest |a − b| / (1 + |b|). */
export function deviation(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} numbers, not ${expected.length}`)
  let most = 0
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i]! - expected[i]!) / (1 + Math.abs(expected[i]!))
    if (!(distance <= most)) most = distance
  }
  return most
}
