import type { Figure, Source } from './figure'
import { WEIGHTS } from './figure'

const source: Source = {
  key: 'PILOT’s curves',
  what: 'PILOT’s README at 2647455: resources/cifarb0inc10.jpg and resources/imagenetRb0inc20.jpg',
  trust:
    'the authors’ own; read off the pictures, ± 0.3 points. Its configs name vit_base_patch16_224, in timm 0.6.12 the weights fine-tuned on IN1K',
}

/** Method, then last accuracy on CIFAR-100 B0-Inc10 and ImageNet-R B0-Inc20, as far as the end of its line can be seen. */
const table: readonly (readonly [method: string, cifar?: number, imagenetr?: number])[] = [
  ['finetune', 68.4, 61.6],
  ['icarl', 78.7, 61.6],
  ['simplecil', 76.2, 61.2],
  ['der', 79.6, 75.1],
  ['memo', 81.2, 69.4],
  ['coil', 79.8],
  ['foster', 87.9, 76.0],
  ['l2p', 84.3],
  ['dualprompt', 82.3, 69.2],
  ['coda-prompt', 86.8, 73.4],
  ['aper-adapter', 85.8, 72.8],
  ['aper-ssf', 84.0, 72.0],
  ['aper-vpt-deep', 83.3, 72.4],
  ['aper-vpt-shallow', 83.8, 66.4],
  ['aper-finetune', 76.1, 63.3],
]

export const pilotCurves: readonly Figure[] = table.flatMap(([method, cifar, imagenetr]) =>
  [
    { data: 'cifar224', increment: 10, last: cifar },
    { data: 'imagenetr', increment: 20, last: imagenetr },
  ].flatMap(({ data, increment, last }): Figure[] =>
    last === undefined ? [] : [{ method, data, increment, backbone: WEIGHTS.in1k, last, by: 'pilot', source }],
  ),
)
