import type { FeatureCache } from '../contracts/features'
import { createFeatureCache, memoryFeatureStore } from '../features/feature-cache'
import { FeatureFile } from './feature-file'

export interface DiskFeatureCacheOptions {
  /** Where its files are, e.g. `cacheFolder('features')` of `@pilotjs/download`. */
  folder: string
  /** Rows kept in memory beside the disk, in bytes. Default 256 MiB. */
  maxBytes?: number
  /** Told once when rows cannot be written any more (a full disk, say); features are then computed without being kept. */
  onProblem?(message: string): void
}

export interface DiskFeatureCache extends FeatureCache {
  /** Closes its files. Rows are safe without it. */
  close(): void
}

/**
 * Features that outlive the process. Each row carries a checksum: what was cut off by a crash, or has rotted, is computed
 * again. Several processes may share a folder.
 */
export function diskFeatureCache(options: DiskFeatureCacheOptions): DiskFeatureCache {
  const { folder, maxBytes = 256 * 2 ** 20, onProblem = () => undefined } = options
  const memory = memoryFeatureStore({ maxBytes })
  const files = new Map<string, FeatureFile>()
  let writing = true
  const fileOf = (id: string) => {
    let file = files.get(id)
    if (!file) files.set(id, (file = new FeatureFile(folder, id)))
    return file
  }
  const cache = createFeatureCache({
    async get(id, key) {
      const held = await memory.get(id, key)
      if (held) return held
      const row = fileOf(id).read(key)
      if (row) await memory.set(id, key, row)
      return row
    },
    async set(id, key, features) {
      await memory.set(id, key, features)
      if (!writing) return
      try {
        fileOf(id).append(key, features)
      } catch (error) {
        writing = false
        onProblem(`features are no longer kept in ${folder}: ${(error as Error).message}`)
      }
    },
  })
  return {
    ...cache,
    close() {
      for (const file of files.values()) file.close()
      files.clear()
    },
  }
}
