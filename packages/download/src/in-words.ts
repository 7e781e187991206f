import { DownloadError } from './download-error'

const statuses: Readonly<Record<number, readonly [DownloadError['code'], string]>> = {
  401: ['unauthorized', 'it wants credentials, or does not accept those that were sent'],
  403: ['refused', 'it refuses access'],
  404: ['not-found', 'there is no such file'],
  407: ['refused', 'the proxy wants credentials: write them into HTTPS_PROXY (http://user:password@host:port)'],
  410: ['not-found', 'there is no such file any more'],
  416: ['stopped', 'it has no such rest of the file'],
  429: ['too-many-requests', 'there were too many requests'],
  451: ['refused', 'it may not give the file out'],
}

/** A server's refusal as an error. */
export function refusalError(response: Response): DownloadError {
  const { status, statusText } = response
  const [code, words] = statuses[status] ?? [status >= 500 ? 'stopped' : 'refused', statusText]
  const seconds = retrySeconds(response)
  const wait = status === 429 && seconds !== undefined ? `; try again in ${seconds} seconds` : ''
  return new DownloadError({
    code,
    status,
    reason: `the server answered ${status}: ${words}`.replace(/: $/, '') + wait,
  })
}

/** The seconds that a server asks to wait for, if it does. */
export function retrySeconds(response: Response): number | undefined {
  const text = response.headers.get('retry-after')?.trim()
  if (!text) return undefined
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000)
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}

const connections: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the server’s name is not known: there is no network, or a proxy is needed (HTTPS_PROXY)',
  EAI_AGAIN: 'the server’s name cannot be looked up: there is no network, or a proxy is needed (HTTPS_PROXY)',
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection broke off',
  UND_ERR_SOCKET: 'the connection broke off',
  UND_ERR_CONNECT_TIMEOUT: 'the server does not answer; a firewall may want a proxy (HTTPS_PROXY)',
  ETIMEDOUT: 'the server does not answer; a firewall may want a proxy (HTTPS_PROXY)',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted; name your own in NODE_EXTRA_CA_CERTS',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted; name your own in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted; name your own in NODE_EXTRA_CA_CERTS',
}

/** Why a request failed, in words. */
export function connectionInWords(error: unknown): string {
  if (error instanceof DownloadError) return error.reason
  if (!(error instanceof Error)) return String(error)
  const causes = causesOf(error)
  for (const each of [error, ...causes]) {
    const code = each instanceof Error && 'code' in each ? String(each.code) : ''
    if (Object.hasOwn(connections, code)) return `${connections[code]!} (${code})`
  }
  // The innermost one says what happened: "fetch failed" and "cancelled" stand around a proxy's refusal.
  const reason = causes.findLast((each) => each instanceof Error && each.message !== '')
  return reason instanceof Error ? `${error.message} (${reason.message})` : error.message
}

/** What stands behind an error, from the outside in. */
function causesOf(error: Error): unknown[] {
  const { cause } = error
  const own = cause instanceof AggregateError ? (cause.errors as unknown[]) : cause === undefined ? [] : [cause]
  return own.flatMap((each) => [each, ...(each instanceof Error ? causesOf(each) : [])])
}
