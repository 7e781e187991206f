import validate from 'validate-npm-package-name'

/** One name in the spellings that a package needs. */
export interface MethodNames {
  /** npm's: `@pilotjs/my-method` or `@someone/my-method`. */
  readonly packageName: string
  /** What `pilot run` takes: `my-method`. */
  readonly method: string
  /** The export: `myMethod`. */
  readonly identifier: string
  /** In prose: `MyMethod`. */
  readonly title: string
}

/**
 * Reads `my-method` or `@someone/my-method`; a bare name goes under `@pilotjs`.
 * @throws Error that says what a name may hold
 */
export function readName(input: string): MethodNames {
  const packageName = input.startsWith('@') ? input : `@pilotjs/${input}`
  const method = packageName.split('/')[1] ?? ''
  if (!validate(packageName).validForNewPackages || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(method))
    throw new Error(
      `"${input}" cannot name a method package: use small letters, digits and hyphens, e.g. my-method or @someone/my-method`,
    )
  const title = method.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase())
  return { packageName, method, identifier: title[0]!.toLowerCase() + title.slice(1), title }
}
