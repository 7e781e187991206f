import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A project of somebody who installed tarballs and nothing of this repository. */
export interface Project {
  readonly folder: string
  /** Writes a file of it. */
  write(name: string, text: string): Promise<void>
  /**
   * Runs a program in it.
   * @returns what it printed
   * @throws Error with what it printed on standard error
   */
  run(command: string, args: readonly string[]): Promise<string>
}

/** Installs tarballs, and what else is named, in an empty folder. @param more package names and versions from the registry */
export async function installProject(
  folder: string,
  tarballs: ReadonlyMap<string, string>,
  more: Readonly<Record<string, string>>,
): Promise<Project> {
  const own = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]))
  await mkdir(folder, { recursive: true })
  const project: Project = {
    folder,
    write: (name, text) => writeFile(join(folder, name), text),
    async run(command, args) {
      const { stdout } = await execute(command, [...args], {
        cwd: folder,
        maxBuffer: 1 << 26,
        // npm is a .cmd file on Windows, which only a shell can start.
        shell: process.platform === 'win32' && command === 'npm',
        // CUDA libraries come from outside the registry.
        env: { ...process.env, NODE_PATH: undefined, ONNXRUNTIME_NODE_INSTALL: 'skip', npm_config_loglevel: 'error' },
      })
      return stdout
    },
  }
  await project.write(
    'package.json',
    JSON.stringify({ private: true, type: 'module', dependencies: { ...own, ...more }, overrides: own }),
  )
  await project.run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'])
  return project
}
