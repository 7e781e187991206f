import { join } from 'node:path'
import envPaths from 'env-paths'

/**
 * Where downloads and caches live: the environment's `PILOT_CACHE`, else the platform's folder for caches
 * (`~/.cache/pilotjs`, `~/Library/Caches/pilotjs`, `%LOCALAPPDATA%\pilotjs\Cache`).
 */
export function cacheFolder(...parts: readonly string[]): string {
  return join(process.env.PILOT_CACHE || envPaths('pilotjs', { suffix: '' }).cache, ...parts)
}
