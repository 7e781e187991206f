import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { createMethod } from './create-method'
import { families, readFamily } from './families'
import { readName } from './names'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Links the new package into the workspace. */
async function install(): Promise<void> {
  const { packageManager } = JSON.parse(await readFile(resolve(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  const linked = spawnSync('npx', ['--yes', packageManager, 'install', '--no-frozen-lockfile', '--loglevel=warn'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (linked.status !== 0) throw new Error('the package stands, but linking it failed: run `npx pnpm install` by hand')
}

const program = new Command('create-method')
  .description('Make a method package: a method that learns, its test, its README')
  .argument('<name>', 'my-method, or @someone/my-method for a scope of your own')
  .option('--family <family>', `what it begins as: ${Object.keys(families).join(', ')}`, 'prototype')
  .option('--out <folder>', 'a folder outside this repository: with published versions and settings of its own')
  .option('--no-install', 'leave out the installation that links the new package')
  .action(async (input: string, options: { family: string; out?: string; install: boolean }) => {
    const names = readName(input)
    const outside = options.out !== undefined
    const target = outside ? resolve(options.out!) : resolve(root, 'packages/methods', names.method)
    const files = await createMethod({ names, family: readFamily(options.family), target, root, outside })
    const place = relative(process.cwd(), target)
    console.log(`${names.packageName} in ${place}:\n${files.map((file) => `  ${file}`).join('\n')}`)
    if (!outside && options.install) await install()
    console.log(`\nNext:\n  cd ${place}${outside ? ' && npm install' : ''}`)
    console.log('  npx vitest run       # its test is green; change the method and keep it so')
    console.log(
      outside
        ? `  npm run build        # then, where it is installed: npx pilot run ${names.packageName}`
        : `  npm run build        # then, in the repository's root: npm run pilot -- run ${names.method}`,
    )
  })

try {
  await program.parseAsync()
} catch (error) {
  console.error(`create-method: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
