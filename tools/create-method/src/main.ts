import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { createMethod } from './create-method'
import { readName } from './names'

const root = fileURLToPath(new URL('../../../', import.meta.url))

const program = new Command('create-method')
  .description('Make a method package: a method that learns, its test, its README')
  .argument('<name>', 'my-method, or @someone/my-method for a scope of your own')
  .option('--no-install', 'leave out the installation that links the new package')
  .action(async (input: string, { install }: { install: boolean }) => {
    const names = readName(input)
    const target = resolve(root, 'packages/methods', names.method)
    const files = await createMethod(names, target, {
      templateFolder: resolve(root, 'tools/create-method/template'),
      license: resolve(root, 'LICENSE'),
    })
    const place = relative(process.cwd(), target)
    console.log(`${names.packageName} in ${place}:\n${files.map((file) => `  ${file}`).join('\n')}`)
    if (install) {
      const { packageManager } = JSON.parse(await readFile(resolve(root, 'package.json'), 'utf8')) as {
        packageManager: string
      }
      const linked = spawnSync('npx', ['--yes', packageManager, 'install', '--no-frozen-lockfile', '--loglevel=warn'], {
        cwd: root,
        stdio: 'inherit',
        shell: process.platform === 'win32',
      })
      if (linked.status !== 0)
        throw new Error('the package stands, but linking it failed: run `npx pnpm install` by hand')
    }
    console.log(`\nNext:\n  cd ${place} && npx vitest        # its test is green; change the method and keep it so`)
    console.log(`  pnpm build && pnpm pilot run ${names.method}`)
  })

try {
  await program.parseAsync()
} catch (error) {
  console.error(`create-method: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
