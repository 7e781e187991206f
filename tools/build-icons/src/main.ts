import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { CLASSES } from './classes'
import { makeCorpus } from './corpus'
import { fetchIconify } from './download'
import { readCatalogue } from './icon-sets'
import type { Catalogue } from './icon-sets'
import { makeIcons100 } from './icons-100'
import type { Icons100 } from './icons-100'
import { writePack } from './pack'
import { classPicture, writeSheets } from './pictures'
import { setsTable } from './sets-table'

const tool = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const dataPackage = resolve(tool, '../../packages/icons-100')
const classNames = Object.keys(CLASSES)

const program = new Command('build-icons').description(
  'Make Icons-100 and the pre-training corpus from a pinned release of @iconify/json',
)
program.option('--cache <folder>', 'where @iconify/json and the corpus are kept', join(tool, '.cache'))

program
  .command('icons-100')
  .description('write the data file, the table of sets and the picture of @pilotjs/icons-100')
  .option('--out <folder>', 'the data package', dataPackage)
  .action(async ({ out }: { out: string }) => {
    const { catalogue, stream } = await drawStream()
    await mkdir(join(out, 'data'), { recursive: true })
    await mkdir(join(out, 'docs'), { recursive: true })
    const splits = { train: stream.train, test: stream.test }
    const size = await writePack(join(out, 'data/icons-100.bin'), classNames, catalogue.sets, splits)
    await writeFile(join(out, 'SETS.md'), setsTable(catalogue.sets, stream))
    await writeFile(join(out, 'docs/classes.png'), await classPicture(classNames, stream))
    const count = (classes: unknown[][]) => classes.reduce((sum, drawings) => sum + drawings.length, 0)
    console.log(
      `${classNames.length} classes, ${count(stream.train)} training and ${count(stream.test)} test drawings ` +
        `(${stream.removed} near-duplicates removed from the test), ${(size / 1e6).toFixed(2)} MB`,
    )
    console.log(`test families: ${[...stream.testFamilies].sort().join(' ')}`)
  })

program
  .command('corpus')
  .description('write the pre-training corpus into the cache')
  .action(async () => {
    const { catalogue, stream } = await drawStream()
    const corpus = await makeCorpus(catalogue, stream, progress('corpus'))
    const splits = { train: corpus.train, validation: corpus.validation }
    const file = join(cache(), 'corpus.bin')
    const size = await writePack(file, corpus.classNames, catalogue.sets, splits)
    console.log(
      `${corpus.classNames.length} concepts, ${corpus.train.flat().length} training and ` +
        `${corpus.validation.flat().length} validation drawings, ${(size / 1e6).toFixed(1)} MB: ${file}`,
    )
    console.log(`validation families: ${[...corpus.validationFamilies].sort().join(' ')}`)
    console.log(`drawn like a class of Icons-100: ${corpus.sameAsStream.join(' ')}`)
  })

program
  .command('sheets')
  .description('write contact sheets of every drawing of all classes into a folder, to look at')
  .argument('<folder>')
  .action(async (folder: string) => {
    await mkdir(folder, { recursive: true })
    await writeSheets(folder, classNames, (await drawStream()).stream)
  })

function cache(): string {
  return program.opts<{ cache: string }>().cache
}

async function drawStream(): Promise<{ catalogue: Catalogue; stream: Icons100 }> {
  const catalogue = await readCatalogue(await fetchIconify(cache()))
  return { catalogue, stream: await makeIcons100(catalogue, progress('Icons-100')) }
}

/** Writes how far rendering is to the terminal, if there is one. */
function progress(what: string): (done: number) => void {
  return (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${what}: ${done} drawings`)
  }
}

await program.parseAsync()
