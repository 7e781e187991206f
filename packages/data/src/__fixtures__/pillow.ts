import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RgbImage } from '../images/rgb-image'
import type { Interpolation } from '../transforms/resample'

export interface Expected {
  readonly width: number
  readonly height: number
  readonly sha256: string
  /** The bytes themselves, of small images. */
  readonly base64?: string
}

export interface PillowCases {
  readonly resample: readonly {
    readonly width: number
    readonly height: number
    /** left, top, width, height */
    readonly box: readonly [number, number, number, number]
    /** width, height */
    readonly to: readonly [number, number]
    readonly filter: Interpolation
    readonly expected: Expected
  }[]
  readonly color: readonly {
    readonly width: number
    readonly height: number
    readonly adjust: 'brightness' | 'contrast' | 'saturation' | 'hue'
    readonly factor: number
    readonly expected: Expected
  }[]
  readonly decode: readonly { readonly file: string; readonly expected: Expected }[]
  /** Images with an orientation of EXIF, turned by it. */
  readonly turned: readonly { readonly file: string; readonly expected: Expected }[]
}

/** What Pillow computed (tools/pillow-fixtures). */
export const pillow = JSON.parse(readFileSync(new URL('./pillow.json', import.meta.url), 'utf8')) as PillowCases

/** An image in the form of the recorded expectations: bytes where these were recorded, else their hash. */
export function digest(image: RgbImage, like: Expected): Expected {
  const bytes = Buffer.from(image.data)
  const seen = { width: image.width, height: image.height, sha256: createHash('sha256').update(bytes).digest('hex') }
  return like.base64 === undefined ? seen : { ...seen, base64: bytes.toString('base64') }
}
