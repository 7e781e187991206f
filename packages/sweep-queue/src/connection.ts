import { isIP } from 'node:net'
import type { ErrorFacts } from '@pilotjs/core'
import type { RedisOptions } from 'bullmq'
import { Redis } from 'ioredis'
import { QueueError, messageOf } from './queue-error'

/** Milliseconds that a Redis has to answer when it is first asked. */
const PATIENCE = 5000

/** A Redis that answered once. */
export interface Connection {
  /** For logs: `rediss://redis.example.org:6380/2`, without name and password. */
  readonly shown: string
  /** What BullMQ's classes connect with; each makes connections of its own, and tries again for as long as it takes. */
  readonly options: RedisOptions
  /** What one should know of it. */
  readonly notes: readonly string[]
}

/** How a Redis is reached. */
export interface RedisAddress {
  /** `redis://[[NAME]:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://` for TLS. */
  readonly url: string
  /** Certificates (PEM) of whoever vouches for the server, where that is nobody whom Node knows. With `rediss://` alone. */
  readonly ca?: string
}

/**
 * Looks whether a Redis is there that a queue can be kept in.
 * @throws QueueError `queue-address`, `queue-unreachable`, `queue-refused`
 */
export async function connect(address: RedisAddress): Promise<Connection> {
  const { shown, options } = addressOf(address)
  const redis = new Redis({
    ...(options as object),
    lazyConnect: true,
    connectTimeout: PATIENCE,
    retryStrategy: () => null,
  })
  // Its reason comes with the attempt below; without a listener it would end the process.
  let reason: unknown
  redis.on('error', (error) => (reason ??= error))
  try {
    await redis.connect()
    const memory = await redis.info('memory')
    return { shown, options, notes: notesOn(memory) }
  } catch (error) {
    throw refusal(reason ?? error, shown)
  } finally {
    redis.disconnect()
  }
}

/** @throws QueueError `queue-address` */
export function addressOf({ url, ca }: RedisAddress): Pick<Connection, 'shown' | 'options'> {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw noAddress()
  }
  const { protocol, hostname, port, username, password, pathname } = parsed
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const database = pathname.replace(/^\//, '')
  if (!['redis:', 'rediss:'].includes(protocol) || hostname === '' || !/^\d*$/.test(database)) throw noAddress()
  if (ca !== undefined && protocol !== 'rediss:') throw noTls()
  return {
    shown: `${protocol}//${hostname}:${port || 6379}${database ? `/${database}` : ''}`,
    options: {
      host,
      port: Number(port || 6379),
      ...(username ? { username: decodeURIComponent(username) } : {}),
      ...(password ? { password: decodeURIComponent(password) } : {}),
      ...(database ? { db: Number(database) } : {}),
      ...(protocol === 'rediss:'
        ? { tls: { ...(isIP(host) ? {} : { servername: host }), ...(ca === undefined ? {} : { ca }) } }
        : {}),
      maxRetriesPerRequest: null,
    },
  }
}

// The address itself is not repeated: what is wrong with it may be where the password stands.
const noAddress = () =>
  new QueueError(
    'queue-address',
    'the queue is no address of a Redis; such are redis://:PASSWORD@HOST:6379 and, with TLS, rediss://:PASSWORD@HOST:6380',
  )

const noTls = () =>
  new QueueError('queue-address', 'certificates are for a Redis with TLS, whose address begins with rediss://')

function refusal(error: unknown, shown: string): QueueError {
  const reason = messageOf(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const make = (kind: 'queue-unreachable' | 'queue-refused', text: string, facts: ErrorFacts = {}) =>
    new QueueError(kind, `${text} (${shown})`, { queue: shown, ...facts }, { cause: error })
  if (/NOAUTH|WRONGPASS|NOPERM|invalid password/i.test(reason))
    return make('queue-refused', 'the Redis of the queue wants another name or password')
  if (/SSL|TLS|certificate|ERR_TLS|CERT/i.test(`${code} ${reason}`))
    return make('queue-refused', `no secure connection to the Redis of the queue: ${reason}`, {
      certificate: /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code),
    })
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return make('queue-unreachable', 'there is no host of that name')
  if (/Connection is closed|ECONNRESET|ETIMEDOUT|timeout/i.test(`${code} ${reason}`))
    return make(
      'queue-unreachable',
      'the Redis of the queue does not answer; is it one, and is TLS (rediss://) wanted?',
    )
  return make('queue-unreachable', `there is no Redis for the queue: ${reason}`)
}

function notesOn(memory: string): string[] {
  const value = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(memory)?.[1]
  const policy = value('maxmemory_policy')
  return Number(value('maxmemory')) > 0 && policy !== undefined && policy !== 'noeviction'
    ? [
        `the queue's Redis forgets when it is full (maxmemory-policy ${policy}): runs may be begun anew; noeviction is better`,
      ]
    : []
}

/** Whether a Redis has no memory left for what was sent. */
export const isFull = (error: unknown): boolean => /^OOM|maxmemory/.test(messageOf(error))
