import type { Redis } from 'ioredis'
import { closeRedis, createRedis, waitUntilReady } from '../../infrastructure/redis/create-redis.js'
import { readDurability, type RedisDurability } from '../../infrastructure/redis/redis-durability.js'
import { infoField, mastersOf } from '../../infrastructure/redis/redis-info.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import type { Servers } from '../servers.js'
import { clockFinding, findingsOf, green, red, yellow, type Finding } from './finding.js'

const MIN_VERSION = [6, 2] as const
const APPLY_SETTING = 'apply it with CONFIG SET and add it to redis.conf'

/** Checks that Redis is reachable, new enough, has a correct clock and does not lose acknowledged writes. */
export async function redisFindings({ redisUrl }: Servers, clock: Clock): Promise<Finding[]> {
  const client = await waitUntilReady(createRedis(redisUrl, 'health'))
  try {
    return await findingsOf(
      'redis',
      async () => {
        await client.ping()
        return (await Promise.all(mastersOf(client).map((node) => nodeFindings(node, clock)))).flat()
      },
      'Start Redis, or correct REDIS_URL; until then the service is in fail-safe mode',
    )
  } finally {
    await closeRedis(client)
  }
}

async function nodeFindings(node: Redis, clock: Clock): Promise<Finding[]> {
  const requestedAt = clock.now().getTime()
  const [seconds, micros] = await node.time()
  const respondedAt = clock.now().getTime()
  const info = await node.info()
  const durability = await readDurability(node)
  const serverTime = Number(seconds) * 1_000 + Number(micros) / 1_000
  return [
    versionFinding(info),
    roleFinding(info),
    clockFinding('redis clock', serverTime, requestedAt, respondedAt),
    evictionFinding(durability),
    appendFinding(durability),
  ]
}

function versionFinding(info: string): Finding {
  const version = field(info, 'redis_version')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const detail = `Redis ${version}`
  if (major > MIN_VERSION[0] || (major === MIN_VERSION[0] && minor >= MIN_VERSION[1])) return green('redis', detail)
  return red('redis', detail, `Upgrade to Redis ${MIN_VERSION.join('.')} or newer`)
}

function roleFinding(info: string): Finding {
  const role = field(info, 'role')
  if (role === 'master') return green('redis role', `master with ${field(info, 'connected_slaves')} replicas`)
  return red(
    'redis role',
    `this server is a ${role} and does not accept writes`,
    'Point REDIS_URL to the master, or use redis+sentinel://',
  )
}

function evictionFinding({ evictionPolicy }: RedisDurability): Finding {
  const policy = evictionPolicy ?? 'unknown'
  if (policy === 'noeviction') return green('redis maxmemory-policy', policy)
  const detail = `${policy}: stock gates and queued webhooks can be evicted when memory is low`
  return red('redis maxmemory-policy', detail, `Set maxmemory-policy noeviction: ${APPLY_SETTING}`)
}

/** A webhook is acknowledged with 2xx as soon as Redis has stored it. */
function appendFinding({ appendOnly, appendFsync: policy }: RedisDurability): Finding {
  const check = 'redis append-only file'
  if (appendOnly !== true) {
    const detail = 'off: a restart of Redis loses every queued webhook; those sales are found by the next sweep only'
    return red(check, detail, `Set appendonly yes, appendfsync always: ${APPLY_SETTING}`)
  }
  if (policy === 'always') return green(check, 'on, appendfsync always')
  if (policy === null)
    return yellow(check, 'on; the appendfsync setting is not readable', 'Check that appendfsync is always')
  const lost =
    policy === 'everysec'
      ? 'the webhooks of the last second'
      : 'the webhooks since the last flush by the operating system'
  const detail = `on, appendfsync ${policy}: a crash of its machine loses ${lost}, although they were acknowledged`
  return yellow(check, detail, `Set appendfsync always: ${APPLY_SETTING}`)
}

function field(info: string, name: string): string {
  return infoField(info, name) ?? 'unknown'
}
