interface FileModule {
  readFile(url: URL): Promise<Uint8Array>
}

/** What Node offers beside the web's globals; absent in a browser. */
interface NodeProcess {
  getBuiltinModule?(name: 'node:fs/promises'): FileModule
}

/**
 * An address as a URL. One without a scheme, as bundlers hand out (`/assets/weights.safetensors`), is meant from the page;
 * where there is no page, it is a path.
 */
function absolute(address: URL | string): URL {
  if (address instanceof URL || URL.canParse(address)) return new URL(address)
  const { document, location } = globalThis as { document?: { baseURI: string }; location?: { href: string } }
  const base = document?.baseURI ?? location?.href
  if (base !== undefined) return new URL(address, base)
  const { process } = globalThis as { process?: { cwd?(): string } }
  return new URL(address, `file://${process?.cwd?.() ?? ''}/`)
}

/**
 * The bytes at a URL: `file:` is read with Node's own file module (asked for at run time, so that a bundler for the
 * browser never meets it), everything else is fetched. An address without a scheme is meant from the page, or is a path.
 *
 * @throws Error naming the URL if nothing is there
 */
export async function readBytes(address: URL | string): Promise<Uint8Array> {
  const url = absolute(address)
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
