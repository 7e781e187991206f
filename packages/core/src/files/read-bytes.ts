interface FileModule {
  readFile(url: URL): Promise<Uint8Array>
}

/** What Node offers beside the web's globals; absent in a browser. */
interface NodeProcess {
  getBuiltinModule?(name: 'node:fs/promises'): FileModule
}

/**
 * The bytes at a URL: `file:` is read with Node's own file module (asked for at run time, so that a bundler for the
 * browser never meets it), everything else is fetched.
 *
 * @throws Error naming the URL if nothing is there
 */
export async function readBytes(url: URL): Promise<Uint8Array> {
  if (url.protocol === 'file:') {
    const { process } = globalThis as { process?: NodeProcess }
    const files = process?.getBuiltinModule?.('node:fs/promises')
    if (!files) throw new Error(`${url.href} cannot be read here; pass the address at which the file is served.`)
    try {
      return await files.readFile(url)
    } catch (cause) {
      throw new Error(`${url.href} cannot be read; install the package that it belongs to again.`, { cause })
    }
  }
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url.href} cannot be fetched: ${response.status} ${response.statusText}`)
  return new Uint8Array(await response.arrayBuffer())
}
