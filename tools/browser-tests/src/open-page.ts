import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { type Page, chromium } from 'playwright'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}

/** What makes a page isolated from others, so that its threads may share memory. */
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

/**
 * Serves folders as one site, opens it in the Chromium that PILOT_CHROMIUM names, and hands the page over.
 * @param folders by the path under which they are served; `/` is the page's own
 * @param use is handed the page, and what takes its site and the network away
 * @throws Error where the page raises an error of its own
 */
export async function withPage<R>(
  folders: Readonly<Record<string, string>>,
  use: (page: Page, disconnect: () => Promise<void>) => Promise<R>,
  { isIsolated = false, args = [] as readonly string[] } = {},
): Promise<R> {
  const server = createServer((request, response) => {
    const wanted = normalize(decodeURIComponent(new URL(request.url!, 'http://page').pathname))
    const [prefix, folder] = Object.entries(folders)
      .filter(([path]) => wanted.startsWith(path))
      .sort(([a], [b]) => b.length - a.length)[0]!
    const file = join(folder, wanted === '/' ? 'index.html' : wanted.slice(prefix.length))
    readFile(file).then(
      (content) => {
        const headers = { 'content-type': types[extname(file)] ?? 'application/octet-stream' }
        response.writeHead(200, { ...headers, ...(isIsolated && isolation) }).end(content)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await chromium.launch({ executablePath: process.env.PILOT_CHROMIUM, args: ['--no-sandbox', ...args] })
  try {
    const page = await browser.newPage()
    const broken = new Promise<never>((_, reject) => page.on('pageerror', reject))
    // Heard of below; a page may fail before.
    broken.catch(() => undefined)
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const disconnect = async () => {
      server.close()
      server.closeAllConnections()
      await page.context().setOffline(true)
    }
    return await Promise.race([use(page, disconnect), broken])
  } finally {
    await browser.close()
    server.close()
  }
}
