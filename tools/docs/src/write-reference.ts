import { join } from 'node:path'
import { Application, Converter } from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import type { Entry } from './entries'
import { repository } from './pages'

/** Writes the API reference as Markdown: a page an entry, made from the doc comments of its exports. */
export async function writeReference(entries: readonly Entry[], root: string, folder: string): Promise<void> {
  const markdown: Partial<PluginOptions> = {
    outputFileStrategy: 'modules',
    entryFileName: 'index.md',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: false,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    excludeScopesInPaths: true,
    tableColumnSettings: { hideSources: true, hideModifiers: true },
  }
  const app = await Application.bootstrapWithPlugins({
    entryPoints: entries.map(({ source }) => join(root, source)),
    tsconfig: join(root, 'tsconfig.json'),
    plugin: ['typedoc-plugin-markdown'],
    name: 'API reference',
    readme: 'none',
    outputs: [{ name: 'markdown', path: folder }],
    // The type checks are a matter of their own.
    skipErrorChecking: true,
    excludeExternals: true,
    excludePrivate: true,
    excludeInternal: true,
    disableGit: true,
    gitRevision: 'main',
    sourceLinkTemplate: `${repository}/blob/main/{path}#L{line}`,
    basePath: root,
    groupOrder: ['Functions', 'Variables', 'Classes', 'Interfaces', 'Type Aliases', '*'],
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    logLevel: 'Error',
    ...(markdown as object),
  })
  const names = new Map(entries.map(({ name, source }) => [join(root, source), name]))
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      const source = module.sources?.[0]?.fullFileName
      module.name = names.get(source ?? '') ?? module.name
    }
  })
  const project = await app.convert()
  if (project === undefined) throw new Error('TypeDoc could not read the packages: see above')
  await app.generateOutputs(project)
}
