import { catalogue as datasetCatalogue } from '@pilotjs/data/node'
import type { FoundPackage, Loaded, PackageKind, Registry } from '@pilotjs/experiment'
import { catalogue as backboneCatalogue } from '@pilotjs/hub'
import { registryOf } from '../registry'
import { ACCEPTS_NOTE, acceptsText } from '../terminal/accepts-text'
import { columns } from '../terminal/columns'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'

export const LISTS = ['methods', 'backbones', 'datasets'] as const

/** `pilot list methods|backbones|datasets`, `pilot list methods NAME` */
export async function list(what: (typeof LISTS)[number], name: string | undefined, terminal: Terminal): Promise<void> {
  if (name !== undefined && what !== 'methods') throw new UsageError(`\`pilot list ${what}\` takes no further word`)
  const registry = registryOf(terminal.cwd)
  if (what === 'methods')
    terminal.out(await (name === undefined ? methods(registry, terminal) : options(name, registry, terminal)))
  if (what === 'backbones') terminal.out(await backbones(registry, terminal))
  if (what === 'datasets') terminal.out(await datasets(registry, terminal))
}

/** A row for each package of a kind; what does not load says why. */
async function rowsOf<Kind extends PackageKind>(
  kind: Kind,
  registry: Registry,
  { colors: c }: Terminal,
  row: (loaded: Loaded<Kind>) => string[],
  broken: (found: FoundPackage, reason: string) => string[],
): Promise<string[][]> {
  return Promise.all(
    (await registry.list(kind)).map(async (found) => {
      const name = c.bold(found.name)
      try {
        return [name, ...row(await registry.open({ ...found, kind }))]
      } catch (error) {
        return [name, ...broken(found, error instanceof Error ? error.message : String(error))]
      }
    }),
  )
}

async function methods(registry: Registry, terminal: Terminal): Promise<string> {
  const { colors: c } = terminal
  const rows = await rowsOf(
    'method',
    registry,
    terminal,
    ({ value, package: holder }) => [value.family, value.paper.venue, acceptsText(value.accepts), holder],
    (found, reason) => [c.red('does not load'), '', reason, found.package],
  )
  return [
    columns(['method', 'family', 'published', 'accepts', 'package'].map(c.dim), rows),
    '',
    c.dim(ACCEPTS_NOTE),
  ].join('\n')
}

/** A method's options as `--set` takes them: name, default, and what it means where the method says so. */
async function options(name: string, registry: Registry, { colors: c }: Terminal): Promise<string> {
  const { value: method } = await registry.load('method', name)
  const defaults = method.options.safeParse({})
  const values = (defaults.success ? defaults.data : {}) as Record<string, unknown>
  const { shape = {} } = method.options as { shape?: Record<string, { description?: string }> }
  const rows = Object.entries(shape).map(([key, { description = '' }]) => [
    c.bold(key),
    JSON.stringify(values[key]) ?? '',
    description,
  ])
  const { title, venue, url } = method.paper
  return [
    `${title} (${venue})`,
    c.dim(url),
    `accepts ${acceptsText(method.accepts)}`,
    '',
    rows.length > 0 ? columns(['option', 'default', 'what it does'].map(c.dim), rows) : 'no options',
  ].join('\n')
}

async function backbones(registry: Registry, terminal: Terminal): Promise<string> {
  const { colors: c } = terminal
  const held = await rowsOf(
    'backbone',
    registry,
    terminal,
    ({ value, package: holder }) => [value.description ?? '', holder],
    (found, reason) => [c.red(`does not load: ${reason}`), found.package],
  )
  return columns(['backbone', 'trained on', 'weights'].map(c.dim), [
    ...held,
    ...backboneCatalogue.map(({ name, training, repository }) => [c.bold(name), training, `hf.co/${repository}`]),
  ])
}

async function datasets(registry: Registry, terminal: Terminal): Promise<string> {
  const { colors: c } = terminal
  const held = await rowsOf(
    'dataset',
    registry,
    terminal,
    ({ value, package: holder }) => [String(value.classes ?? ''), value.description ?? '', holder],
    (found, reason) => ['', c.red(`does not load: ${reason}`), found.package],
  )
  return columns(['dataset', 'classes', 'what it is', 'where it comes from'].map(c.dim), [
    ...held,
    ...datasetCatalogue.map(({ name, classes, description, folder, download }) => [
      c.bold(name),
      String(classes),
      description,
      download ? `downloaded (${Math.round(download.bytes / 1e6)} MB)` : `data/${folder}, filled by you`,
    ]),
    [c.bold('FOLDER'), '', 'train/CLASS/*.jpg and test/CLASS/*.jpg', 'your own images'],
  ])
}
