import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Method } from '@pilotjs/core'
import { nearestName } from '@pilotjs/core'
import { resolve as resolveImport } from 'import-meta-resolve'
import { UsageError } from '../usage-error'
import type { MethodPackage } from './find-methods'
import { findMethods } from './find-methods'

export interface LoadedMethod {
  readonly method: Method
  readonly package: string
  readonly version: string
}

/**
 * A method by its name (`l2p`), by PILOT's name for it (`aper_adapter`), or by the npm package that holds it
 * (`@someone/their-method`), looked for from `cwd`. @throws UsageError with the nearest name, Error where it does not load
 */
export async function loadMethod(name: string, cwd: string): Promise<LoadedMethod> {
  const found = await findMethods(cwd)
  const known = found.find((each) => each.method === name || each.package === name)
  if (known) return { ...known, method: await importMethod(known) }
  const url = resolvePackage(name, cwd)
  if (url) return { package: name, version: '', method: checked(name, await importModule(name, url)) }
  throw unknownMethod(name, found)
}

/** The method inside a package that was found. @throws Error naming the package and what is wrong with it */
export async function importMethod(found: MethodPackage): Promise<Method> {
  const from = pathToFileURL(join(found.folder, 'package.json')).href
  let url: string
  try {
    url = resolveImport(found.package, from)
  } catch (error) {
    throw new Error(`${found.package} (${found.folder}) has no entry that can be imported: ${messageOf(error)}`, {
      cause: error,
    })
  }
  if (!existsSync(fileURLToPath(url)))
    throw new Error(`${found.package} is not built: ${fileURLToPath(url)} is missing; build it, then try again`)
  return checked(found.package, await importModule(found.package, url))
}

async function importModule(name: string, url: string): Promise<unknown> {
  try {
    return await import(url)
  } catch (error) {
    throw new Error(`${name} cannot be imported: ${messageOf(error)}`, { cause: error })
  }
}

/** Names that are packages rather than methods have a scope or a dash in them; anything may be tried all the same. */
function resolvePackage(name: string, cwd: string): string | undefined {
  if (!/^(@[\w.-]+\/)?[\w.-]+$/.test(name)) return undefined
  for (const candidate of [name, ...(name.startsWith('@') ? [] : [`@pilotjs/${name}`])]) {
    try {
      const url = resolveImport(candidate, pathToFileURL(join(cwd, 'package.json')).href)
      if (url.startsWith('file:') && existsSync(fileURLToPath(url))) return url
    } catch {
      continue
    }
  }
  return undefined
}

/** @throws Error unless the module's default export looks like a method */
function checked(name: string, module: unknown): Method {
  const { default: method } = module as { default?: Partial<Method> }
  const wrong =
    typeof method !== 'object' || method === null
      ? 'has no default export'
      : typeof method.create !== 'function'
        ? 'has a default export without create()'
        : typeof method.name !== 'string' || typeof method.options?.safeParse !== 'function'
          ? 'has a default export without a name or an options schema'
          : undefined
  if (wrong) throw new Error(`${name} ${wrong}: a method package exports what defineMethod() returns, as its default`)
  return method as Method
}

export function unknownMethod(name: string, found: readonly MethodPackage[]): UsageError {
  const near = nearestName(name, [...found.map(({ method }) => method), ...found.map((each) => each.package)])
  if (near) return new UsageError(`there is no method "${name}" here; did you mean "${near}"?`)
  const known = found.map(({ method }) => method).join(', ') || 'none'
  if (/[\\/]/.test(name) && !name.startsWith('@'))
    return new UsageError(`${name} is neither a method's name (${known}) nor a config that ends in .json`)
  const install = name.startsWith('@') ? name : `@pilotjs/${name}`
  return new UsageError(`there is no method "${name}" here; there are ${known}. To add one: npm install ${install}`)
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
