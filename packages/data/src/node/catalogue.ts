import type { RemoteFile } from '@pilotjs/download'

/** A dataset that has a name: where it lies under the data folder, and what it must hold. */
export interface DatasetEntry {
  readonly name: string
  readonly description: string
  readonly classes: number
  /** Folder under the data root, as in PILOT. */
  readonly folder: string
  readonly kind: 'cifar' | 'images'
  /** Where it may be fetched from without asking anybody; the archive unpacks to a single folder. */
  readonly download?: RemoteFile
  /** Where people get it, where it may not be fetched for them. */
  readonly homepage: string
}

/** Sizes as the server gives them; md5 from https://www.cs.toronto.edu/~kriz/cifar.html. */
const cifar10: RemoteFile = {
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz',
  bytes: 170498071,
  checksum: { algorithm: 'md5', digest: 'c58f30108f718f92721af3b95e74349a' },
}
const cifar100: RemoteFile = {
  url: 'https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz',
  bytes: 169001437,
  checksum: { algorithm: 'md5', digest: 'eb9058c3a382ffc7106e4002c42a8d85' },
}
const cifarPage = 'https://www.cs.toronto.edu/~kriz/cifar.html'
/** Where PILOT's authors link the splits they made of the sets below. */
const pilotPage = 'https://github.com/LAMDA-CL/LAMDA-PILOT#datasets'

/** PILOT's datasets by PILOT's names. */
export const catalogue: readonly DatasetEntry[] = [
  {
    name: 'cifar10',
    description: 'photographs of 32 px',
    classes: 10,
    folder: 'cifar-10-batches-py',
    kind: 'cifar',
    download: cifar10,
    homepage: cifarPage,
  },
  {
    name: 'cifar100',
    description: 'photographs of 32 px',
    classes: 100,
    folder: 'cifar-100-python',
    kind: 'cifar',
    download: cifar100,
    homepage: cifarPage,
  },
  {
    name: 'cifar224',
    description: 'CIFAR-100, enlarged to 224 px by the transforms',
    classes: 100,
    folder: 'cifar-100-python',
    kind: 'cifar',
    download: cifar100,
    homepage: cifarPage,
  },
  {
    name: 'imagenetr',
    description: 'ImageNet-R: art, cartoons, graffiti, toys',
    classes: 200,
    folder: 'imagenet-r',
    kind: 'images',
    homepage: pilotPage,
  },
  {
    name: 'imageneta',
    description: 'ImageNet-A: photographs that classifiers get wrong',
    classes: 200,
    folder: 'imagenet-a',
    kind: 'images',
    homepage: pilotPage,
  },
  { name: 'cub', description: 'CUB-200-2011: birds', classes: 200, folder: 'cub', kind: 'images', homepage: pilotPage },
  {
    name: 'objectnet',
    description: 'ObjectNet: household objects from odd angles',
    classes: 200,
    folder: 'objectnet',
    kind: 'images',
    homepage: pilotPage,
  },
  {
    name: 'omnibenchmark',
    description: 'OmniBenchmark: 300 classes over many realms',
    classes: 300,
    folder: 'omnibenchmark',
    kind: 'images',
    homepage: pilotPage,
  },
  {
    name: 'vtab',
    description: 'VTAB: five domains of 10 classes each, in order',
    classes: 50,
    folder: 'vtab-cil/vtab',
    kind: 'images',
    homepage: pilotPage,
  },
  {
    name: 'imagenet100',
    description: '100 classes of ImageNet',
    classes: 100,
    folder: 'imagenet100',
    kind: 'images',
    homepage: 'https://www.image-net.org/download.php',
  },
  {
    name: 'imagenet1000',
    description: 'ImageNet (ILSVRC 2012)',
    classes: 1000,
    folder: 'imagenet1000',
    kind: 'images',
    homepage: 'https://www.image-net.org/download.php',
  },
]
