import { PilotError } from '@pilotjs/core'

export interface MlflowClientOptions {
  /** `http://localhost:5000` */
  readonly url: string
  /** How long a request may take, in milliseconds. */
  readonly timeout: number
  /** Sent as a bearer token. */
  readonly token?: string
  /** Sent as basic authentication, where there is no token. */
  readonly user?: { readonly name: string; readonly password: string }
}

/** MLflow's REST API, version 2.0: a verb, a path, and JSON both ways. */
export interface MlflowClient {
  /** @throws PilotError `tracker-failed` with the server's reason; `tracker-unreachable` where there is no answer */
  post<Answer>(path: string, body: object): Promise<Answer>
  /** Undefined where the server says that there is no such thing. */
  find<Answer>(path: string, query: Readonly<Record<string, string>>): Promise<Answer | undefined>
}

export function mlflowClient({ url: given, timeout, token, ...options }: MlflowClientOptions): MlflowClient {
  const { url, user = options.user } = withoutUser(given)
  const base = `${url.replace(/\/+$/, '')}/api/2.0/mlflow/`
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : user && `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    try {
      return await fetch(`${base}${path}`, {
        ...init,
        headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
        signal: AbortSignal.timeout(timeout),
      })
    } catch (error) {
      throw new PilotError(
        'tracker-unreachable',
        `${url} does not answer: ${causeOf(error)}`,
        { url: url },
        { cause: error },
      )
    }
  }
  const refused = async (response: Response, path: string) => {
    const reason = await response.text().catch(() => '')
    return new PilotError('tracker-failed', `${url} refuses ${path}: ${response.status} ${messageIn(reason)}`.trim(), {
      url: url,
      status: response.status,
    })
  }
  return {
    async post<Answer>(path: string, body: object) {
      const response = await ask(path, { method: 'POST', body: JSON.stringify(body) })
      if (!response.ok) throw await refused(response, path)
      return (await response.json()) as Answer
    },
    async find<Answer>(path: string, query: Readonly<Record<string, string>>) {
      const response = await ask(`${path}?${new URLSearchParams(query)}`, { method: 'GET' })
      if (response.status === 404) return undefined
      if (!response.ok) throw await refused(response, path)
      return (await response.json()) as Answer
    },
  }
}

/**
 * An address without the name and password that may stand in it: fetch takes none with them, and messages must not show them.
 * @throws PilotError `invalid-address`
 */
export function withoutUser(address: string): { readonly url: string; readonly user?: MlflowClientOptions['user'] } {
  const parsed = URL.canParse(address) ? new URL(address) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw new PilotError('invalid-address', 'a tracking server has an address such as http://localhost:5000')
  const { username, password } = parsed
  parsed.username = parsed.password = ''
  const url = parsed.href.replace(/\/$/, '')
  return username === ''
    ? { url }
    : { url, user: { name: decodeURIComponent(username), password: decodeURIComponent(password) } }
}

function messageIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown }
    return typeof message === 'string' ? message : ''
  } catch {
    return ''
  }
}

/** fetch hides the reason in its error's cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'it took too long'
  return error.cause instanceof Error ? error.cause.message : error.message
}
