import { join } from 'node:path'
import type { Entry } from '../../docs/src/entries'
import { importsAll, requiresAll, strictProject, typesOfAll } from './programs'
import type { Project } from './project'

/** One thing that was tried, and whether it went. */
export interface Outcome {
  readonly what: string
  /** By version of Node, or `any` for what does not run there. */
  readonly where: string
  readonly problem?: string
}

/** A Node to try: its version, and the program. */
export interface NodeVersion {
  readonly version: string
  readonly path: string
}

const messageOf = (error: unknown) => {
  const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message: string }
  return [stdout, stderr].filter(Boolean).join('\n').trim() || message
}

async function tried(what: string, where: string, work: () => Promise<void>): Promise<Outcome> {
  try {
    await work()
    return { what, where }
  } catch (error) {
    return { what, where, problem: messageOf(error) }
  }
}

/** Runs the packages of a project on a version of Node: learning, importing everything, requiring everything. */
export async function tryNode(
  project: Project,
  entries: readonly Entry[],
  program: string,
  node: NodeVersion,
): Promise<Outcome[]> {
  const imports = async (file: string) => {
    const count = Number(await project.run(node.path, ['--no-warnings', file]))
    if (count !== entries.length) throw new Error(`${count} of ${entries.length} entries have exports`)
  }
  await project.write('learn.mjs', program)
  await project.write('all.mjs', importsAll(entries))
  await project.write('all.cjs', requiresAll(entries))
  return [
    await tried(
      'learns a stream (ES module)',
      node.version,
      async () => void (await project.run(node.path, ['learn.mjs'])),
    ),
    await tried('`import` of every entry', node.version, () => imports('all.mjs')),
    await tried('`require` of every entry', node.version, () => imports('all.cjs')),
  ]
}

/** Type-checks a program that imports everything, once for each way to resolve modules. */
export async function tryTypes(project: Project, entries: readonly Entry[], skipLibCheck: boolean): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  await project.write('types.ts', typesOfAll(entries))
  for (const module of ['node16', 'nodenext', 'bundler'] as const) {
    const settings = `tsconfig.${module}.json`
    await project.write(settings, JSON.stringify(strictProject(module, skipLibCheck)))
    const what = `TypeScript, strict, \`skipLibCheck: ${String(skipLibCheck)}\``
    const tsc = join(project.folder, 'node_modules/typescript/bin/tsc')
    outcomes.push(
      await tried(what, module, async () => void (await project.run(process.execPath, [tsc, '-p', settings]))),
    )
  }
  return outcomes
}

/** Outcomes as a table of Markdown: what down, where across. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = [...new Set(outcomes.map(({ what }) => what))]
  const columns = [...new Set(outcomes.map(({ where }) => where))]
  const cell = (what: string, where: string) => {
    const found = outcomes.find((outcome) => outcome.what === what && outcome.where === where)
    return found === undefined ? '' : found.problem === undefined ? 'yes' : 'no'
  }
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(['', ...columns]),
    line(['---', ...columns.map(() => '---')]),
    ...rows.map((what) => line([what, ...columns.map((where) => cell(what, where))])),
  ].join('\n')
}
