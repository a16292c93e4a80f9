import type { Redis } from 'ioredis'
import { newId } from '../ids.js'
import type { Clock } from '../time/clock.js'
import type { RedisClient } from './create-redis.js'
import { durabilityFindingsOf, readDurability } from './redis-durability.js'
import { RedisHealth, type RedisObservation } from './redis-health.js'
import { infoField, mastersOf } from './redis-info.js'

const CANARY_KEY = 'traffic-police:mark'
const PROBE_TTL_MS = 60_000

/** The health of the Redis behind one connection. */
export class IoredisHealth extends RedisHealth {
  private readonly probeKey = `traffic-police:probe:${newId('ins')}`

  constructor(
    private readonly redis: RedisClient,
    private readonly clock: Clock,
  ) {
    super()
  }

  override async observe(): Promise<RedisObservation> {
    const [identities, canary] = await Promise.all([
      Promise.all(mastersOf(this.redis).map((node) => identityOf(node))),
      this.redis.get(CANARY_KEY),
      this.redis.set(this.probeKey, this.clock.now().getTime(), 'PX', PROBE_TTL_MS),
    ])
    return { identity: identities.toSorted().join(' '), canary }
  }

  override async writeCanary(canary: string): Promise<void> {
    await this.redis.set(CANARY_KEY, canary)
  }

  override async durabilityFindings(): Promise<string[]> {
    const servers = await Promise.all(mastersOf(this.redis).map((node) => readDurability(node)))
    return [...new Set(servers.flatMap(durabilityFindingsOf))]
  }
}

async function identityOf(node: Redis): Promise<string> {
  const [server, replication] = await Promise.all([node.info('server'), node.info('replication')])
  const role = infoField(replication, 'role') ?? ''
  if (role !== 'master') throw new Error(`READONLY Redis is a ${role}`)
  return `${infoField(server, 'run_id') ?? ''}/${role}/${infoField(replication, 'master_replid') ?? ''}`
}
