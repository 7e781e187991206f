import { catalogue as datasetCatalogue } from '@pilotjs/data/node'
import { catalogue as backboneCatalogue, registeredBackbones } from '@pilotjs/hub'
import { registerEmbedded } from '../experiment/embedded'
import { findMethods } from '../registry/find-methods'
import { importMethod, loadMethod } from '../registry/load-method'
import { columns } from '../terminal/columns'
import type { Terminal } from '../terminal/terminal'
import { UsageError } from '../usage-error'

export const LISTS = ['methods', 'backbones', 'datasets'] as const

/** `pilot list methods|backbones|datasets`, `pilot list methods NAME` */
export async function list(what: (typeof LISTS)[number], name: string | undefined, terminal: Terminal): Promise<void> {
  if (name !== undefined && what !== 'methods') throw new UsageError(`\`pilot list ${what}\` takes no further word`)
  if (what === 'methods') terminal.out(await (name === undefined ? methods(terminal) : options(name, terminal)))
  if (what === 'backbones') terminal.out(backbones(terminal))
  if (what === 'datasets') terminal.out(datasets(terminal))
}

async function methods({ cwd, colors: c }: Terminal): Promise<string> {
  const rows = await Promise.all(
    (await findMethods(cwd)).map(async (found) => {
      const name = c.bold(found.method)
      try {
        const method = await importMethod(found)
        return [name, method.family, method.paper.venue, found.package]
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        return [name, c.red('does not load'), reason, found.package]
      }
    }),
  )
  return columns(['method', 'family', 'published', 'package'].map(c.dim), rows)
}

/** A method's options as `--set` takes them: name, default, and what it means where the method says so. */
async function options(name: string, { cwd, colors: c }: Terminal): Promise<string> {
  const { method } = await loadMethod(name, cwd)
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
    '',
    rows.length > 0 ? columns(['option', 'default', 'what it does'].map(c.dim), rows) : 'no options',
  ].join('\n')
}

function backbones({ colors: c }: Terminal): string {
  registerEmbedded()
  return columns(['backbone', 'trained on', 'weights'].map(c.dim), [
    ...registeredBackbones().map(({ name, description = '' }) => [c.bold(name), description, 'embedded']),
    ...backboneCatalogue.map(({ name, training, repository }) => [c.bold(name), training, `hf.co/${repository}`]),
  ])
}

function datasets({ colors: c }: Terminal): string {
  return columns(['dataset', 'classes', 'what it is', 'where it comes from'].map(c.dim), [
    [c.bold('icons-100'), '100', 'icons of 32 px: the same things in hundreds of drawings', 'embedded'],
    ...datasetCatalogue.map(({ name, classes, description, folder, download }) => [
      c.bold(name),
      String(classes),
      description,
      download ? `downloaded (${Math.round(download.bytes / 1e6)} MB)` : `data/${folder}, filled by you`,
    ]),
    [c.bold('FOLDER'), '', 'train/CLASS/*.jpg and test/CLASS/*.jpg', 'your own images'],
  ])
}
