import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entriesOf } from '../../docs/src/entries'
import type { NodeVersion, Outcome } from './matrix'
import { tableOf, tryNode, tryTypes } from './matrix'
import { packAll, publishedPackages, root } from './packages'
import { installProject } from './project'

/** Node comes from npm, too: its binaries are packages there. */
const versions = ['20.19.0', '22.12.0', '24.11.0']
const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
const peers = {
  '@tensorflow/tfjs-core': '4.22.0',
  '@tensorflow/tfjs-backend-cpu': '4.22.0',
  // TensorFlow.js' types name a global of it.
  '@types/long': '^4.0.2',
  '@types/node': '^20.19.0',
  typescript: '~5.9.3',
  vitest: '^4.1.12',
}

const page = join(root, 'docs/guides/where-it-runs.md')
const marks = ['<!-- measured: npm run packed -->', '<!-- end -->'] as const

/**
 * `npm run packed`: packs everything, installs it as somebody else would, and tries it on every version of Node and every way to
 * resolve types.
 */
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pilotjs-packed-'))
  try {
    console.log('packing …')
    const tarballs = await packAll(await publishedPackages(), folder)
    console.log(`installing ${tarballs.size} packages …`)
    const nodes = Object.fromEntries(versions.map((version) => [`node-${version}`, `npm:node-${platform}@${version}`]))
    const project = await installProject(join(folder, 'project'), tarballs, { ...peers, ...nodes })
    const entries = entriesOf(root)
    const program = await readFile(join(root, 'tools/pack-check/src/__fixtures__/main.mjs'), 'utf8')
    const outcomes: Outcome[] = []
    for (const version of versions) {
      console.log(`Node ${version} …`)
      const binary = process.platform === 'win32' ? 'node.exe' : 'node'
      const path = join(project.folder, 'node_modules', `node-${version}`, 'bin', binary)
      outcomes.push(...(await tryNode(project, entries, program, { version, path } satisfies NodeVersion)))
    }
    console.log('TypeScript …')
    const types = [...(await tryTypes(project, entries, true)), ...(await tryTypes(project, entries, false))]
    for (const { what, where, problem } of [...outcomes, ...types])
      if (problem !== undefined) console.error(`\n${what}, ${where}:\n${problem.slice(0, 4000)}`)
    const tables = `${tableOf(outcomes.map((each) => ({ ...each, where: `Node ${each.where}` })))}\n\n${tableOf(types)}`
    console.log(`\n${tables}`)
    const text = await readFile(page, 'utf8')
    const [begin, end] = marks.map((mark) => text.indexOf(mark)) as [number, number]
    await writeFile(page, `${text.slice(0, begin)}${marks[0]}\n\n${tables}\n\n${text.slice(end)}`)
    process.exitCode = [...outcomes, ...types].some(({ problem }) => problem !== undefined) ? 1 : 0
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
