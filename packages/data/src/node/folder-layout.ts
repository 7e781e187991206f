import { join } from 'node:path'
import { DataError } from '../errors/data-error'
import { foldersIn, glance, isFolder } from './find-images'
import type { PassedOverLog } from './passed-over'

/** A folder whose subfolders are classes. */
export interface ClassFolders {
  readonly folder: string
  /** Position in the layout's domains; 0 where there are none. */
  readonly domain: number
}

/** Where a dataset's class folders lie; without `test`, everything is in `train` and wants to be split. */
export interface FolderLayout {
  readonly domains?: readonly string[]
  readonly train: readonly ClassFolders[]
  readonly test?: readonly ClassFolders[]
}

/** What the folders stand for, where there is no split: classes, or domains that hold class folders. */
export type FolderKind = 'classes' | 'domains'

const trainNames = ['train', 'training']
/** In the order of preference. */
const testNames = ['test', 'testing', 'val', 'valid', 'validation', 'eval']
const splitNames = new Set([...trainNames, ...testNames])

/**
 * How a folder is laid out: `train/CLASS` and `test/CLASS` (or `val`, `valid`, …, capitals no matter), `DOMAIN/train/CLASS`, or
 * without a split `CLASS` or `DOMAIN/CLASS`; all of these also one or two folders further down, as archives unpack. A test folder
 * without class folders is unlabelled (ImageNet's) and gives way to the next one.
 * @throws DataError (`layout`, `not-found`) naming the folder when it is none of these, or could be two of them
 */
export async function folderLayout(root: string, log: PassedOverLog, kind?: FolderKind): Promise<FolderLayout> {
  if (!(await isFolder(root))) {
    throw new DataError('not-found', `There is no folder ${root}.`, { subject: root, remedy: expected(root) })
  }
  const base = await unwrapped(root)
  const whole = await splitOf(base, 0, log)
  if (whole) return { train: [whole.train], test: whole.test && [whole.test] }
  const names = await foldersIn(base, log)
  if (names.length === 0) throw notLaidOut(base)
  const splits = await Promise.all(names.map((name, domain) => splitOf(join(base, name), domain, log)))
  const without = splits.findIndex((split) => split === undefined)
  if (without < 0) return domainsWithSplits(names, splits as Split[], base)
  if (splits.some((split) => split !== undefined)) {
    throw new DataError(
      'layout',
      `${join(base, names[without]!)} has no train and test folders, others beside it have.`,
      {
        subject: join(base, names[without]!),
        remedy: expected(join(base, names[without]!)),
      },
    )
  }
  return (kind ?? (await kindOf(base, names))) === 'domains'
    ? { domains: names, train: names.map((name, domain) => ({ folder: join(base, name), domain })) }
    : { train: [{ folder: base, domain: 0 }] }
}

interface Split {
  readonly train: ClassFolders
  readonly test?: ClassFolders
}

function domainsWithSplits(names: readonly string[], splits: readonly Split[], base: string): FolderLayout {
  const tests = splits.map(({ test }) => test)
  const train = splits.map((split) => split.train)
  if (tests.every((test) => test === undefined)) return { domains: names, train }
  const lacking = tests.findIndex((test) => test === undefined)
  if (lacking >= 0) {
    const folder = join(base, names[lacking]!)
    throw new DataError('layout', `${folder} has a train folder, but none to test with; others beside it have.`, {
      subject: folder,
      remedy: expected(folder),
    })
  }
  return { domains: names, train, test: tests as ClassFolders[] }
}

/** The folder itself, or the only one in it, as archives unpack: `photos/photos/train/…`. */
async function unwrapped(root: string): Promise<string> {
  let base = root
  for (let depth = 0; depth < 3; depth++) {
    const { folders, images } = await glance(base)
    const [only] = folders
    if (images || folders.length !== 1 || splitNames.has(only!.toLowerCase())) return base
    const inner = await glance(join(base, only!))
    if (inner.folders.length === 0) return base
    base = join(base, only!)
  }
  return base
}

/** The train and test folders in a folder; undefined where it has neither. */
async function splitOf(folder: string, domain: number, log: PassedOverLog): Promise<Split | undefined> {
  const { folders } = await glance(folder)
  const called = (wanted: string) => {
    const found = folders.filter((name) => name.toLowerCase() === wanted)
    if (found.length > 1) {
      throw new DataError('layout', `${folder} has the folders ${found.join(' and ')}.`, {
        subject: folder,
        remedy: 'Keep one of them.',
      })
    }
    return found.map((name) => join(folder, name))
  }
  const [train] = trainNames.flatMap(called)
  const candidates = testNames.flatMap(called)
  if (train === undefined) {
    if (candidates.length === 0) return undefined
    throw new DataError('layout', `${folder} has a folder to test with (${candidates[0]!}), but no train folder.`, {
      subject: folder,
      remedy: expected(folder),
    })
  }
  let test: string | undefined
  for (const candidate of candidates) {
    const { folders: classes } = await glance(candidate)
    if (classes.length === 0) log.note('unlabelled', candidate)
    else if (test === undefined) test = candidate
    else log.note('unused', candidate)
  }
  for (const name of folders) if (!splitNames.has(name.toLowerCase())) log.note('unused', join(folder, name))
  return { train: { folder: train, domain }, test: test === undefined ? undefined : { folder: test, domain } }
}

/** Whether folders without a split are classes, or domains that hold the same classes. */
async function kindOf(base: string, names: readonly string[]): Promise<FolderKind> {
  const inside = await Promise.all(names.map((name) => glance(join(base, name))))
  if (inside.every(({ folders, images }) => folders.length === 0 && !images)) throw notLaidOut(base)
  if (names.length < 2 || inside.some(({ folders, images }) => images || folders.length === 0)) return 'classes'
  const counts = new Map<string, number>()
  for (const name of inside.flatMap(({ folders }) => folders)) counts.set(name, (counts.get(name) ?? 0) + 1)
  const shared = [...counts.values()].filter((count) => count > 1).length
  if (shared === 0) return 'classes'
  if (shared * 2 >= counts.size) return 'domains'
  throw new DataError(
    'layout',
    `${base} could hold classes or domains: ${shared} of the ${counts.size} folders in its folders come more than once.`,
    { subject: base, option: 'kind', remedy: "Say which by the option kind: 'classes' or 'domains'." },
  )
}

const notLaidOut = (folder: string) =>
  new DataError('layout', `${folder} is not laid out as an image dataset: it has no class folders with images.`, {
    subject: folder,
    remedy: expected(folder),
  })

/** The layout that everybody understands, as a remedy. */
export function expected(root: string): string {
  return `Expected: ${join(root, 'train', 'CLASS', '*.jpg')} and ${join(root, 'test', 'CLASS', '*.jpg')}.`
}
