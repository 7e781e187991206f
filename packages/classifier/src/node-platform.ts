import { stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PilotError } from '@pilotjs/core'
import { readWholeFile, selectEngine, writeFileAtomic } from '@pilotjs/core/node'
import { decodeImage } from '@pilotjs/data/node'
import type { Platform } from './platform'

/** What a classifier's file is called in a folder of its own. */
const fileName = 'classifier.safetensors'

/** Files of this machine, decoded by sharp. */
export const nodePlatform: Platform = {
  startEngine: () => selectEngine('auto'),
  decodeFile: (place) => decodeImage(pathOf(place), { orientation: 'upright' }),
  decodeBytes: async (bytes) =>
    decodeImage(
      bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes instanceof Blob ? await bytes.arrayBuffer() : bytes),
      { orientation: 'upright' },
    ),
  draw: () =>
    Promise.reject(
      new PilotError('unknown-image', 'elements of a page are images in a browser only: give a path, bytes or pixels'),
    ),
  async read(place) {
    const path = pathOf(place)
    const file = (await isFolder(path)) ? join(path, fileName) : path
    return readWholeFile(file).catch((cause: unknown) => {
      throw new PilotError('no-classifier', `there is no classifier at ${path}`, { file }, { cause })
    })
  },
  async write(place, pieces) {
    const path = pathOf(place)
    // A name without an ending is a folder's, whether it is there already or not.
    const inside = extname(path) === '' || (await isFolder(path))
    await writeFileAtomic(inside ? join(path, fileName) : path, pieces)
  },
}

const pathOf = (place: string | URL): string =>
  place instanceof URL || place.startsWith('file:') ? fileURLToPath(place) : place

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
