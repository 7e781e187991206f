/** The part of a config that names are made of. */
export interface NamedConfig {
  readonly method: string
  readonly seed: number
}

/** What is no choice of an experiment's, or stands in the name as it is. */
const apart = new Set(['format', 'method', 'seed', 'provenance'])

/**
 * A name for each run's setting, its seed left out: the method, and whatever sets it apart from the same method's other runs
 * (`l2p, increment=5, poolSize=10`).
 */
export function settingNames(configs: readonly NamedConfig[]): string[] {
  const flat = configs.map(flatten)
  const varying = new Map<string, string[]>()
  return configs.map(({ method }, index) => {
    const keys = varying.get(method) ?? keysThatVary(flat.filter((_, other) => configs[other]!.method === method))
    varying.set(method, keys)
    // What a setting does not have goes without saying: the others, which have it, say so.
    const own = keys.filter((key) => flat[index]!.has(key))
    const words = own.map((key) => `${shortName(key, keys)}=${flat[index]!.get(key)!}`)
    return [method, ...words].join(', ')
  })
}

function keysThatVary(flat: readonly ReadonlyMap<string, string>[]): string[] {
  const keys = new Set(flat.flatMap((each) => [...each.keys()]))
  return [...keys].filter((key) => new Set(flat.map((each) => each.get(key))).size > 1)
}

/** Every value of a config by its path: `options.poolSize`. */
function flatten(config: NamedConfig): Map<string, string> {
  const values = new Map<string, string>()
  const take = (path: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [key, inner] of Object.entries(value)) take(`${path}.${key}`, inner)
    else if (value !== undefined) values.set(path, typeof value === 'string' ? value : JSON.stringify(value))
  }
  for (const [key, value] of Object.entries(config)) if (!apart.has(key)) take(key, value)
  return values
}

/** The last word of a path where no other ends in it; `data.name` is the data. */
function shortName(path: string, all: readonly string[]): string {
  const words = path.split('.')
  const last = words.at(-1)!
  if (last === 'name') return words.at(-2) ?? last
  return all.some((other) => other !== path && other.endsWith(`.${last}`)) ? words.slice(1).join('.') : last
}
