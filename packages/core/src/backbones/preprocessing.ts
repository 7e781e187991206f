import type { Preprocessing } from '../contracts/backbone'
import { nearestName } from '../names/nearest-name'

/** How images are prepared, but for their size, which the network decides. */
export type PreprocessingRecipe = Omit<Preprocessing, 'inputSize'>

const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const
const clip = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] } as const

/** Recipes by the name of what they belong to (timm's data configs). */
export const preprocessingPresets = {
  /** Pixels scaled to −1 … 1, the whole image. */
  half: { ...half, interpolation: 'bicubic', cropFraction: 1 },
  /** "AugReg" vision transformers (Steiner et al., 2021). */
  augreg: { ...half, interpolation: 'bicubic', cropFraction: 0.9 },
  /** ImageNet's mean and deviation, as most networks. */
  imagenet: { ...imagenet, interpolation: 'bicubic', cropFraction: 0.875 },
  /** torchvision's networks. */
  torchvision: { ...imagenet, interpolation: 'bilinear', cropFraction: 0.875 },
  /** DeiT, DINO, MAE. */
  deit: { ...imagenet, interpolation: 'bicubic', cropFraction: 0.9 },
  /** timm's own ResNets ("A1" recipe). */
  a1: { ...imagenet, interpolation: 'bicubic', cropFraction: 0.95 },
  dinov2: { ...imagenet, interpolation: 'bicubic', cropFraction: 1 },
  clip: { ...clip, interpolation: 'bicubic', cropFraction: 1 },
} as const satisfies Readonly<Record<string, PreprocessingRecipe>>

/** One number of a recipe that differs. */
export interface PreprocessingDifference {
  readonly field: keyof PreprocessingRecipe
  readonly own: Preprocessing[keyof PreprocessingRecipe]
  readonly used: Preprocessing[keyof PreprocessingRecipe]
}

const fields = ['mean', 'std', 'interpolation', 'cropFraction'] as const

/** Where the preparation of a run's images differs from the one that weights were made with; empty where it does not. */
export function preprocessingDifferences(
  own: PreprocessingRecipe,
  used: PreprocessingRecipe,
): PreprocessingDifference[] {
  return fields
    .filter((field) => !same(own[field], used[field]))
    .map((field) => ({ field, own: own[field], used: used[field] }))
}

const same = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) ? a.every((value, i) => near(value as number, b[i] as number)) : near(a, b)

/** Numbers are written with six digits or so. */
const near = (a: unknown, b: unknown): boolean =>
  typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= 1e-5 : a === b

/** A recipe as `parsePreprocessing` reads it, e.g. `mean=0.5,0.5,0.5;std=0.5,0.5,0.5;interpolation=bicubic;crop=0.9`. */
export const preprocessingText = ({ mean, std, interpolation, cropFraction }: PreprocessingRecipe): string =>
  `mean=${mean.join(',')};std=${std.join(',')};interpolation=${interpolation};crop=${cropFraction}`

/**
 * Reads a recipe that a person wrote: a preset's name, `key=value` pairs, or a preset and what departs from it, with `;`
 * between them: `imagenet`, `mean=0.5,0.5,0.5;std=0.5,0.5,0.5`, `clip;crop=0.9`. One number stands for all three channels.
 * @throws RangeError naming the part that makes no sense, and what would
 */
export function parsePreprocessing(text: string): Partial<PreprocessingRecipe> {
  const recipe: { -readonly [Key in keyof PreprocessingRecipe]?: PreprocessingRecipe[Key] } = {}
  for (const part of text.split(';').map((each) => each.trim())) {
    const [key, value = ''] = part.split('=').map((each) => each.trim()) as [string, string?]
    if (!part.includes('=')) Object.assign(recipe, preset(part))
    else if (key === 'mean' || key === 'std') recipe[key] = channels(key, value)
    else if (key === 'crop') recipe.cropFraction = within('crop', value, 0, 1)
    else if (key === 'interpolation') recipe.interpolation = interpolation(value)
    else throw new RangeError(`preprocessing: "${key}" is none of mean, std, interpolation, crop`)
  }
  return recipe
}

function preset(name: string): PreprocessingRecipe {
  const names = Object.keys(preprocessingPresets)
  if (Object.hasOwn(preprocessingPresets, name)) return preprocessingPresets[name as keyof typeof preprocessingPresets]
  const nearest = nearestName(name, names)
  throw new RangeError(
    `preprocessing: "${name}" is no preset${nearest === undefined ? '' : `; did you mean "${nearest}"?`} There are ` +
      `${names.join(', ')}; or write mean=R,G,B;std=R,G,B;interpolation=bicubic;crop=0.9`,
  )
}

function channels(key: 'mean' | 'std', text: string): readonly [number, number, number] {
  const numbers = text.split(',').map((each) => within(key, each, key === 'std' ? Number.MIN_VALUE : 0, 1))
  const [red, green = red, blue = red] = numbers
  if (red === undefined || (numbers.length !== 1 && numbers.length !== 3))
    throw new RangeError(`preprocessing: ${key} needs one number or three, of pixels scaled to 0 … 1; got "${text}"`)
  return [red, green!, blue!]
}

function within(key: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? NaN : Number(text)
  if (value >= least && value <= most && !(key === 'crop' && value === 0)) return value
  throw new RangeError(`preprocessing: ${key} must be a number above 0 and up to ${most}, got "${text}"`)
}

function interpolation(text: string): PreprocessingRecipe['interpolation'] {
  if (text === 'bilinear' || text === 'bicubic') return text
  throw new RangeError(`preprocessing: interpolation must be bilinear or bicubic, got "${text}"`)
}
