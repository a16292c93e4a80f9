import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'
import type { Clock } from '../infrastructure/time/clock.js'

/** The result of one probe. */
export interface RedisObservation {
  /** Run id and replication id of every master that responded. */
  identity: string
  /** Written after the last rebuild; null: the server was emptied since or is another one. */
  canary: string | null
}

const CANARY_KEY = 'traffic-police:mark'
const PROBE_TTL_MS = 60_000

/** Checks that Redis works by reading and writing. */
export class RedisProbe {
  constructor(
    private readonly redis: RedisClient,
    private readonly instance: string,
    private readonly clock: Clock,
  ) {}

  /** Rejects when Redis times out, rejects writes, is still loading or is a replica. */
  async observe(): Promise<RedisObservation> {
    const nodes = this.redis instanceof Cluster ? this.redis.nodes('master') : [this.redis]
    const [identities, canary] = await Promise.all([
      Promise.all(nodes.map((node) => identityOf(node))),
      this.redis.get(CANARY_KEY),
      this.redis.set(`traffic-police:probe:${this.instance}`, this.clock.now().getTime(), 'PX', PROBE_TTL_MS),
    ])
    return { identity: identities.toSorted().join(' '), canary }
  }

  async writeCanary(canary: string): Promise<void> {
    await this.redis.set(CANARY_KEY, canary)
  }
}

async function identityOf(node: Redis): Promise<string> {
  const [server, replication] = await Promise.all([node.info('server'), node.info('replication')])
  const role = field(replication, 'role')
  if (role !== 'master') throw new Error(`READONLY Redis is a ${role}`)
  return `${field(server, 'run_id')}/${role}/${field(replication, 'master_replid')}`
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? ''
}
