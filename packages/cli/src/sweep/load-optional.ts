import { UsageError } from '../usage-error'

/**
 * A package that does not come along with the command line.
 * @param wanted the flag that asks for it
 * @throws UsageError with the command that installs it
 */
export async function loadOptional<Module>(wanted: string, name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new UsageError(`${wanted} needs a package that does not come along: npm install ${name}`)
  }
}
