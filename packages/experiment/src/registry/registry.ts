import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { nearestName } from '@pilotjs/core/names'
import { resolve as resolveImport } from 'import-meta-resolve'
import { ExperimentError, messageOf } from '../experiment-error'
import type { FoundPackage } from './find-packages'
import { findPackages } from './find-packages'
import type { PackageKind, PackageKinds } from './package-kinds'
import { whatIsWrong } from './package-kinds'

/** Something out of a package, and where it came from. */
export interface Loaded<Kind extends PackageKind> extends FoundPackage {
  readonly kind: Kind
  readonly value: PackageKinds[Kind]
}

/** Methods, backbones and data sets by name. */
export interface Registry {
  /**
   * All of a kind that can be asked for by name, sorted. Where two have a name, what comes along with the program wins, then the
   * nearest.
   */
  list(kind: PackageKind): Promise<readonly FoundPackage[]>
  /** Packages whose name for what they hold is taken by another; they are still there by their package's name. */
  shadowed(kind: PackageKind): Promise<readonly FoundPackage[]>
  /**
   * By its name or by its package's. Only a package that declares what it holds is ever imported.
   * @throws ExperimentError `unknown-package`, `undeclared-package`, `broken-package`
   */
  load<Kind extends PackageKind>(kind: Kind, name: string): Promise<Loaded<Kind>>
  /** The inside of a package that was found. @throws ExperimentError `broken-package` */
  open<Kind extends PackageKind>(found: FoundPackage & { readonly kind: Kind }): Promise<Loaded<Kind>>
}

export interface RegistryOptions {
  /** Where one stands: packages are looked for in its workspace and its `node_modules`. Default: the working directory. */
  readonly cwd?: string
  /** Path of the package.json of a program that brings packages along: names of those mean them, whatever lies in `cwd`. */
  readonly bundled?: string
}

/** Looks packages up when it is first asked; nothing is imported before it is asked for. */
export function createRegistry({ cwd = process.cwd(), bundled }: RegistryOptions = {}): Registry {
  let found: Promise<readonly FoundPackage[]> | undefined
  const all = async (kind: PackageKind) => {
    found ??= findPackages(cwd, bundled)
    return (await found).filter((each) => each.kind === kind)
  }
  const split = async (kind: PackageKind) => {
    const named = new Map<string, FoundPackage>()
    const shadowed: FoundPackage[] = []
    for (const each of await all(kind))
      if (named.has(each.name)) shadowed.push(each)
      else named.set(each.name, each)
    return { named: [...named.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), shadowed }
  }
  return {
    list: async (kind) => (await split(kind)).named,
    shadowed: async (kind) => (await split(kind)).shadowed,
    async load(kind, name) {
      const known = await split(kind)
      const chosen =
        known.named.find((each) => each.name === name) ??
        [...known.named, ...known.shadowed].find((each) => each.package === name)
      if (chosen) return openPackage(kind, chosen)
      throw undeclared(kind, name, cwd) ?? unknown(kind, name, known.named)
    },
    open: (each) => openPackage(each.kind, each),
  }
}

async function openPackage<Kind extends PackageKind>(kind: Kind, found: FoundPackage): Promise<Loaded<Kind>> {
  const { package: name, folder } = found
  const broken = (reason: string, cause?: unknown) =>
    new ExperimentError('broken-package', { kind, package: name, folder, reason }, `${name} ${reason}`, { cause })
  let file: string
  try {
    // From inside the package its own name is its entry.
    file = fileURLToPath(resolveImport(name, pathToFileURL(join(folder, 'package.json')).href))
  } catch (error) {
    throw broken(`(${folder}) has no entry that can be imported: ${messageOf(error)}`, error)
  }
  if (!existsSync(file)) throw broken(`is not built: ${file} is missing`)
  let module: { default?: unknown }
  try {
    module = (await import(pathToFileURL(file).href)) as { default?: unknown }
  } catch (error) {
    throw broken(`cannot be imported: ${messageOf(error)}`, error)
  }
  const wrong = whatIsWrong(kind, module.default)
  if (wrong !== undefined) throw broken(`${wrong}; a ${kind} package's default export is the ${kind}`)
  return { ...found, kind, value: module.default as PackageKinds[Kind] }
}

/** A package of that name is there, and says nothing of what it holds. */
function undeclared(kind: PackageKind, name: string, cwd: string): ExperimentError | undefined {
  if (!/^(@[\w.-]+\/)?[\w-][\w.-]*$/.test(name)) return undefined
  try {
    const url = resolveImport(name, pathToFileURL(join(cwd, 'package.json')).href)
    if (!url.startsWith('file:') || !existsSync(fileURLToPath(url))) return undefined
    return new ExperimentError(
      'undeclared-package',
      { kind, package: name, folder: fileURLToPath(url) },
      `${name} is installed, but its package.json does not say that it is a ${kind} ("pilotjs": { "${kind}": "…" }): it is not run`,
    )
  } catch {
    return undefined
  }
}

function unknown(kind: PackageKind, name: string, found: readonly FoundPackage[]): ExperimentError<'unknown-package'> {
  const known = found.map((each) => each.name)
  const nearest = nearestName(name, [...known, ...found.map((each) => each.package)])
  const hint = nearest ? `did you mean "${nearest}"?` : `there are ${known.join(', ') || 'none'}`
  return new ExperimentError(
    'unknown-package',
    { kind, name, known, ...(nearest === undefined ? {} : { nearest }) },
    `there is no ${kind} "${name}" here; ${hint}`,
  )
}
