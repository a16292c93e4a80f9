export interface RedisNode {
  host: string
  port: number
}

interface Access {
  tls: boolean
  username?: string
  password?: string
}

/** A single server, a named master monitored by Sentinels, or a cluster. */
export type RedisTarget =
  | (Access & RedisNode & { kind: 'standalone'; db: number })
  | (Access & { kind: 'sentinel'; sentinels: RedisNode[]; master: string; sentinelPassword?: string; db: number })
  | (Access & { kind: 'cluster'; nodes: RedisNode[] })

const FORM = /^(redis|rediss|redis\+sentinel|redis\+cluster):\/\/(?:([^@/]*)@)?([^@/?#]+)(\/[^?#]*)?(?:\?([^#]*))?$/

/**
 * Parses `redis://[user:password@]host[:port][/db]`, `rediss://` (TLS), `redis+sentinel://h1:26379,h2:26379/master[/db]`
 * and `redis+cluster://h1:6379,h2:6379`. The last two accept `?tls=true`, Sentinel also `?sentinelPassword=...`.
 * Throws an Error that describes the problem without repeating the URL, which may contain a password.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const [, scheme, login, hosts = '', path = '', query] = FORM.exec(url) ?? []
  if (!scheme)
    throw new Error('must start with redis://, rediss://, redis+sentinel:// or redis+cluster:// and name a host')
  const options = new URLSearchParams(query)
  const access = { ...readLogin(login), tls: scheme === 'rediss' || options.get('tls') === 'true' }
  const segments = path.split('/').filter(Boolean).map(decode)
  const nodes = hosts.split(',').map((host) => readNode(host, scheme === 'redis+sentinel' ? 26_379 : 6379))
  if (scheme === 'redis+cluster') {
    if (segments.length > 0) throw new Error('a cluster has no databases: nothing may follow the hosts')
    return { kind: 'cluster', ...access, nodes }
  }
  if (scheme === 'redis+sentinel') {
    const [master, db] = segments
    if (!master || segments.length > 2) throw new Error('must end in /master-name or /master-name/db')
    const sentinelPassword = options.get('sentinelPassword')
    return {
      kind: 'sentinel',
      ...access,
      sentinels: nodes,
      master,
      db: readDb(db),
      ...(sentinelPassword ? { sentinelPassword } : {}),
    }
  }
  const [node, second] = nodes
  if (!node || second) throw new Error('takes one host; use redis+sentinel:// or redis+cluster:// for several')
  if (segments.length > 1) throw new Error('only a database number may follow the host')
  return { kind: 'standalone', ...access, ...node, db: readDb(segments[0]) }
}

function readLogin(login: string | undefined): { username?: string; password?: string } {
  if (!login) return {}
  const colon = login.indexOf(':')
  const username = decode(colon < 0 ? login : login.slice(0, colon))
  const password = colon < 0 ? '' : decode(login.slice(colon + 1))
  return { ...(username ? { username } : {}), ...(password ? { password } : {}) }
}

function readNode(text: string, defaultPort: number): RedisNode {
  const [, bracketed, plain, port] = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  const number = port === undefined ? defaultPort : Number(port)
  if (!host || number < 1 || number > 65_535) throw new Error('has a host that is not host or host:port')
  return { host, port: number }
}

function readDb(text: string | undefined): number {
  if (text === undefined) return 0
  if (!/^\d{1,4}$/.test(text)) throw new Error('has a database that is not a number')
  return Number(text)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('has a part that is not percent-encoded correctly')
  }
}
