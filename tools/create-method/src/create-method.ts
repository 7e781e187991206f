import { cp, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MethodNames } from './names'

/** The template is itself a working package, called so in these spellings. */
const sample: MethodNames = {
  packageName: '@pilotjs/my-method',
  method: 'my-method',
  identifier: 'myMethod',
  title: 'MyMethod',
}

function renamed(text: string, names: MethodNames): string {
  return (['packageName', 'method', 'identifier', 'title'] as const).reduce(
    (changed, spelling) => changed.replaceAll(sample[spelling], names[spelling]),
    text,
  )
}

/**
 * Writes a method package under its new name.
 * @param templateFolder the sample package
 * @param license the licence file that goes along
 * @returns the files written, relative to `target`
 * @throws Error where `target` is there already: nothing is ever overwritten
 */
export async function createMethod(
  names: MethodNames,
  target: string,
  { templateFolder, license }: { templateFolder: string; license: string },
): Promise<string[]> {
  if (await stat(target).catch(() => undefined))
    throw new Error(`${target} is there already: choose another name, or remove it first`)
  await mkdir(target, { recursive: true })
  await cp(templateFolder, target, {
    recursive: true,
    filter: (path) => !/[\\/](node_modules|dist|\.turbo)$/.test(path),
  })
  await cp(license, join(target, 'LICENSE'))
  const files = await readdir(target, { recursive: true, withFileTypes: true })
  const written: string[] = []
  for (const file of files.filter((entry) => entry.isFile())) {
    const from = join(file.parentPath, file.name)
    const to = join(file.parentPath, renamed(file.name, names))
    await writeFile(from, renamed(await readFile(from, 'utf8'), names))
    if (from !== to) await rename(from, to)
    written.push(to.slice(target.length + 1))
  }
  return written.sort()
}
