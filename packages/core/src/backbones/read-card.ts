import type { TimmCard } from './architecture'

/** How one argument of timm's is understood: what it says of the config, or undefined where it asks for what is not modelled. */
export type ArgumentRule<Config> = (value: unknown) => Partial<Config> | undefined

/** Bears on nothing that features depend on, or is read off the weights' shapes. */
export const irrelevant = (): Partial<object> => ({})

/** Understood only where it asks for what is the case anyway. */
export const only =
  (...accepted: readonly unknown[]): ArgumentRule<object> =>
  (value) =>
    accepted.includes(value) ? {} : undefined

/** Arguments that every timm model has, and that no frozen feature depends on. */
export const commonArguments: Readonly<Record<string, ArgumentRule<object>>> = {
  num_classes: irrelevant,
  img_size: irrelevant,
  in_chans: only(3),
  drop_rate: irrelevant,
  drop_path_rate: irrelevant,
  features_only: only(false),
  exportable: irrelevant,
  scriptable: irrelevant,
}

/**
 * Reads the arguments of a card, those that its architecture's name stands for and those written down.
 * @throws Error naming each argument that asks for what is not modelled
 */
export function readArguments<Config extends object>(
  noun: string,
  card: TimmCard,
  rules: Readonly<Record<string, ArgumentRule<Config>>>,
  implied: Readonly<Record<string, unknown>> = {},
): Partial<Config> {
  const config: Partial<Config> = {}
  const refused: string[] = []
  const pooling = card.global_pool === undefined ? {} : { global_pool: card.global_pool }
  const written = { ...implied, ...pooling, ...card.model_args }
  for (const [name, value] of Object.entries(written)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    // What is null stands for timm's default.
    const read = value === null ? {} : rule?.(value)
    if (read) Object.assign(config, read)
    else refused.push(`${name} ${JSON.stringify(value)}`)
  }
  if (refused.length === 0) return config
  const model = card.architecture === undefined ? 'the config.json' : `"${card.architecture}"`
  throw new Error(
    `${model} asks for ${refused.join(', ')}, which ${noun} here does not have; take a model without, or a plain one of its family`,
  )
}

/** Throws where a model's name stands for a network that is built otherwise than its family. */
export function refuseNames(noun: string, { architecture = '' }: TimmCard, unlike: RegExp): void {
  const found = unlike.exec(architecture)?.[0]
  if (found !== undefined)
    throw new Error(
      `"${architecture}" is built otherwise ("${found}") than ${noun} here; take a plain one of its family`,
    )
}
