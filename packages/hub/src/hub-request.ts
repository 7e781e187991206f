import { DownloadError, connectionInWords, readWhole, refusalError, request } from '@pilotjs/download'
import type { Checksum } from '@pilotjs/download'

/** How the Hub is asked. */
export interface HubRequest {
  /** Default: the environment's `HF_ENDPOINT`, else https://huggingface.co. */
  endpoint?: string
  /** For repositories that are not public. Default: the environment's `HF_TOKEN`. */
  accessToken?: string
  signal?: AbortSignal
}

/** A refusal, with what the Hub says in a header of its own about the meaning of its status. */
class HubRefusal extends DownloadError {
  readonly hubCode: string

  constructor(response: Response) {
    super(refusalError(response))
    this.hubCode = response.headers.get('x-error-code') ?? ''
  }
}

/** More than any list of files takes. */
const longestAnswer = 1 << 20

export const endpointOf = ({ endpoint }: HubRequest): string =>
  (endpoint ?? (process.env.HF_ENDPOINT || 'https://huggingface.co')).replace(/\/+$/, '')

export const tokenOf = ({ accessToken }: HubRequest): string | undefined =>
  accessToken ?? (process.env.HF_TOKEN || undefined)

/** What the Hub says a file is. */
export interface Described {
  readonly size: number
  readonly checksum?: Checksum
}

/** Size and checksum of those of the files that a repository has. */
export async function describeFiles(
  repository: string,
  paths: readonly string[],
  revision: string,
  options: HubRequest,
): Promise<Map<string, Described>> {
  // Loaded where something is asked: it brings megabytes of WebAssembly along.
  const { pathsInfo } = await import('@huggingface/hub')
  try {
    const found = await pathsInfo({
      repo: repository,
      paths: [...paths],
      revision,
      hubUrl: endpointOf(options),
      accessToken: tokenOf(options),
      fetch: (input, init) => ask(String(input), init, options.signal),
    })
    const files = found.filter(({ type }) => type === 'file')
    return new Map(
      files.map(({ path, size, oid, lfs }): [string, Described] => {
        if (lfs) return [path, { size: lfs.size, checksum: { algorithm: 'sha256', digest: lfs.oid.toLowerCase() } }]
        return [path, { size, ...(oid !== undefined && { checksum: { algorithm: 'git', digest: oid } }) }]
      }),
    )
  } catch (error) {
    options.signal?.throwIfAborted()
    if (error instanceof DownloadError) throw error
    const isJson = error instanceof SyntaxError
    throw new DownloadError({
      code: isJson ? 'web-page' : 'stopped',
      reason: isJson ? 'what answers is not the Hub: a sign-in page, or a proxy’s error' : connectionInWords(error),
      cause: error,
    })
  }
}

/** `fetch` for the Hub's client: through the proxy, no longer than an answer can be, refusals as errors. */
async function ask(url: string, init: RequestInit | undefined, signal: AbortSignal | undefined): Promise<Response> {
  const answer = await request(url, {
    method: init?.method,
    headers: Object.fromEntries(new Headers(init?.headers)),
    body: init?.body as string | undefined,
    signal,
  })
  const { response } = answer
  if (!response.ok) {
    answer.close()
    throw new HubRefusal(response)
  }
  return new Response(new Uint8Array(await readWhole(answer, longestAnswer)), {
    status: response.status,
    headers: { 'content-type': response.headers.get('content-type') ?? '' },
  })
}

/** A refusal of the Hub in words, with what to do about it. */
export function hubInWords(error: DownloadError, repository: string, options: HubRequest): string {
  const hub = error instanceof HubRefusal ? error.hubCode : ''
  const token = tokenOf(options)
  const credentials =
    token === undefined ? 'set HF_TOKEN to a token of yours' : 'the token that was sent (HF_TOKEN) gives no access'
  if (hub === 'GatedRepo')
    return `it is gated: accept its terms at ${endpointOf(options)}/${repository} and ${credentials}`
  if (hub === 'RevisionNotFound') return 'the repository has no such revision'
  if (error.status === 401 || error.status === 403)
    return `the Hub answered ${error.status}: there is no such repository, or it is private. Check its name, or ${credentials}`
  if (error.status === 404) return 'the Hub answered 404: there is no such repository or file. Check its name'
  if (error.status === 429)
    return `${error.reason}${token === undefined ? '; with a token (HF_TOKEN) the Hub allows more' : ''}`
  return error.reason
}
