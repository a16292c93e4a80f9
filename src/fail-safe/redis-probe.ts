import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from '../infrastructure/redis/create-redis.js'

/** What one look at Redis showed. */
export interface RedisObservation {
  /** Which run of which server(s) answered: run id and replication history of every master. */
  identity: string
  /** What was left there after the last rebuild; null: the server was emptied since, or is another one. */
  mark: string | null
}

const MARK = 'traffic-police:mark'
const PROBE_KEPT_MS = 60_000

/** Asks Redis whether it works, by reading and by writing. */
export class RedisProbe {
  constructor(
    private readonly redis: RedisClient,
    private readonly instance: string,
  ) {}

  /** Rejects when Redis does not answer in time, refuses writes, is still loading or follows another server. */
  async look(): Promise<RedisObservation> {
    const nodes = this.redis instanceof Cluster ? this.redis.nodes('master') : [this.redis]
    const [identities, mark] = await Promise.all([
      Promise.all(nodes.map((node) => identityOf(node))),
      this.redis.get(MARK),
      this.redis.set(`traffic-police:probe:${this.instance}`, Date.now(), 'PX', PROBE_KEPT_MS),
    ])
    return { identity: identities.toSorted().join(' '), mark }
  }

  async leaveMark(mark: string): Promise<void> {
    await this.redis.set(MARK, mark)
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
