import { Cluster, type Redis } from 'ioredis'
import { closeRedis, createRedis, settled } from '../../infrastructure/redis/create-redis.js'
import type { Servers } from '../servers.js'
import { clockFinding, findingsOf, green, red, yellow, type Finding } from './finding.js'

const OLDEST = [6, 2] as const
const AS_SERVICE_NEEDS = 'CONFIG SET it and keep it in redis.conf'

/** Reachable, new enough, in time, and losing nothing of what it has acknowledged. */
export async function redisFindings({ redisUrl }: Servers): Promise<Finding[]> {
  const client = await settled(createRedis(redisUrl, 'health'))
  try {
    return await findingsOf(
      'redis',
      async () => {
        await client.ping()
        const nodes = client instanceof Cluster ? client.nodes('master') : [client]
        return (await Promise.all(nodes.map((node) => nodeFindings(node)))).flat()
      },
      'Start Redis, or correct REDIS_URL; until then the service is in fail-safe mode',
    )
  } finally {
    await closeRedis(client)
  }
}

async function nodeFindings(node: Redis): Promise<Finding[]> {
  const asked = Date.now()
  const [seconds, micros] = await node.time()
  const answered = Date.now()
  const info = await node.info()
  const theirs = Number(seconds) * 1_000 + Number(micros) / 1_000
  return [
    versionFinding(info),
    roleFinding(info),
    clockFinding('redis clock', theirs, asked, answered),
    evictionFinding(info),
    await appendFinding(node, info),
  ]
}

function versionFinding(info: string): Finding {
  const version = field(info, 'redis_version')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const detail = `Redis ${version}`
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return green('redis', detail)
  return red('redis', detail, `Upgrade to Redis ${OLDEST.join('.')} or newer`)
}

function roleFinding(info: string): Finding {
  const role = field(info, 'role')
  if (role === 'master') return green('redis role', `master with ${field(info, 'connected_slaves')} replicas`)
  return red(
    'redis role',
    `this server is a ${role}: it takes no writes`,
    'Point REDIS_URL to the master, or use redis+sentinel://',
  )
}

function evictionFinding(info: string): Finding {
  const policy = field(info, 'maxmemory_policy')
  if (policy === 'noeviction') return green('redis maxmemory-policy', policy)
  const detail = `${policy}: stock gates and queued webhooks can vanish when memory is short`
  return red('redis maxmemory-policy', detail, `maxmemory-policy noeviction; ${AS_SERVICE_NEEDS}`)
}

/** A webhook is answered 2xx as soon as Redis has it. */
async function appendFinding(node: Redis, info: string): Promise<Finding> {
  const check = 'redis append-only file'
  if (field(info, 'aof_enabled') !== '1') {
    const detail = 'off: a restart of Redis loses every queued webhook; those sales are seen by the next sweep only'
    return red(check, detail, `appendonly yes, appendfsync always; ${AS_SERVICE_NEEDS}`)
  }
  const policy = await setting(node, 'appendfsync')
  if (policy === 'always') return green(check, 'on, appendfsync always')
  if (policy === null)
    return yellow(check, 'on; the server does not say how often it is synced', 'See that it is appendfsync always')
  const lost =
    policy === 'everysec' ? 'the webhooks of the last second' : 'the webhooks since the last flush of the system'
  const detail = `on, appendfsync ${policy}: a crash of its machine loses ${lost}, although they were answered`
  return yellow(check, detail, `appendfsync always; ${AS_SERVICE_NEEDS}`)
}

/** Null: hosted servers do not always tell. */
async function setting(node: Redis, name: string): Promise<string | null> {
  try {
    const [, value] = (await node.config('GET', name)) as [string, string?]
    return value ?? null
  } catch (error) {
    if (error instanceof Error && /^(ERR|NOPERM)/.test(error.message)) return null
    throw error
  }
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? 'unknown'
}
