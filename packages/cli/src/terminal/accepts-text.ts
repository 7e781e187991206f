import type { Accepts } from '@pilotjs/core'

/** What a method may accept, in the words of lists; that the number of classes is unknown is told where it must not be. */
const words = {
  newClasses: 'new classes',
  moreImages: 'more images',
  online: 'one pass',
  removeClass: 'unlearning',
} as const satisfies Readonly<Partial<Record<keyof Accepts, string>>>

/** `new classes, more images, unlearning` */
export function acceptsText(accepts: Accepts): string {
  const taken = (Object.keys(words) as (keyof typeof words)[]).filter((key) => accepts[key]).map((key) => words[key])
  return [...taken, ...(accepts.unknownTotal ? [] : ['only a known total'])].join(', ')
}

/** What the words of `acceptsText` mean, for below a list. */
export const ACCEPTS_NOTE =
  'more images: of classes it knows, in a later task; one pass: small tasks one after the other come to what one large task comes to;\n' +
  'unlearning: a class can be taken out exactly. How many classes are to come need not be known.'
