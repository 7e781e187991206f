import { DownloadError } from './download-error'

/** How long a server may stay silent. */
const silenceMilliseconds = 60_000

export interface RequestOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
  /** How long the server may stay silent, before its answer and between its pieces. Default one minute. */
  readonly silence?: number
}

/** An answer whose body comes piece by piece, under the same deadline. */
export interface Answer {
  readonly response: Response
  pieces(): AsyncGenerator<Uint8Array>
  /** Lets go of the connection. */
  close(): void
}

/**
 * Asks a server, through the proxy that `HTTPS_PROXY` or `HTTP_PROXY` names unless `NO_PROXY` excepts the server. No answer
 * hangs for ever: silence ends it.
 */
export async function request(url: string, options: RequestOptions = {}): Promise<Answer> {
  const { silence = silenceMilliseconds, signal, method, headers, body } = options
  const own = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const wait = () => {
    clearTimeout(timer)
    timer = setTimeout(
      () => own.abort(new TypeError(`the server was silent for ${Math.round(silence / 1000)} seconds`)),
      silence,
    )
    timer.unref()
  }
  const close = () => {
    clearTimeout(timer)
    own.abort(new Error('closed'))
  }
  const both = signal ? AbortSignal.any([signal, own.signal]) : own.signal
  wait()
  try {
    const ask = await fetchFor()
    const response = await ask(url, { method, headers, body, signal: both })
    wait()
    return { response, close, pieces: () => read(response, wait, close) }
  } catch (error) {
    clearTimeout(timer)
    throw error
  }
}

async function* read(response: Response, wait: () => void, close: () => void): AsyncGenerator<Uint8Array> {
  try {
    if (response.body)
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
        wait()
        yield piece
      }
  } finally {
    close()
  }
}

/**
 * The whole of a short answer.
 * @param limit bytes beyond which the answer is cut off as wrong
 */
export async function readWhole({ pieces }: Answer, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const piece of pieces()) {
    size += piece.length
    if (size > limit)
      throw new DownloadError({ code: 'too-large', reason: `the server answers with more than ${limit} bytes` })
    parts.push(piece)
  }
  return Buffer.concat(parts)
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>
let proxied: { readonly settings: string; readonly fetch: Fetch } | undefined

/** Node's own `fetch`, or one that goes through the environment's proxy. */
async function fetchFor(): Promise<Fetch> {
  const { env } = process
  const setting = (name: string) => env[name.toLowerCase()] || env[name] || ''
  const settings = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'].map(setting)
  if (!settings[0] && !settings[1]) return (url, init) => fetch(url, init)
  const key = settings.join('\n')
  if (proxied?.settings !== key) {
    const { EnvHttpProxyAgent, fetch: ask } = await import('undici')
    const [https, http, none] = settings as [string, string, string]
    const dispatcher = new EnvHttpProxyAgent({
      ...(https && { httpsProxy: https }),
      ...(http && { httpProxy: http }),
      noProxy: none,
    })
    // The same interface, of a version of its own.
    const through = ask as unknown as (url: string, init: object) => Promise<Response>
    proxied = { settings: key, fetch: (url, init) => through(url, { ...init, dispatcher }) }
  }
  return proxied.fetch
}
