import type { Redis } from 'ioredis'

const GATES = 'event:{evt_*}:stock'
/** By key (K): generic commands such as DEL, those of hashes, expiry and eviction. */
const NOTIFICATIONS = 'Kghxe'

/**
 * Changes of the stock at the gates. Redis names the keys that are written, so that only these gates are read and
 * compared, however many there are. Sets the server's notifications: for a dedicated one.
 */
export class GateChanges {
  private readonly written = new Set<string>()
  /** The last content by key. */
  private readonly contents = new Map<string, string>()

  private constructor(
    private readonly redis: Redis,
    private readonly subscriber: Redis,
  ) {
    subscriber.on('pmessage', (_pattern: string, channel: string) => {
      this.written.add(channel.slice(channel.indexOf(':') + 1))
    })
  }

  static async start(redis: Redis): Promise<GateChanges> {
    await redis.config('SET', 'notify-keyspace-events', NOTIFICATIONS)
    // Without a reconnection, which would lose notifications: further calls fail.
    const changes = new GateChanges(redis, redis.duplicate({ retryStrategy: null }))
    await changes.subscriber.psubscribe(`__keyspace@*__:${GATES}`)
    for (const key of await redis.keys(GATES)) changes.written.add(key)
    await changes.take()
    return changes
  }

  /** Since the last call. A write of the same content is none. */
  async take(): Promise<string[]> {
    // Redis sends in order: what was written before has been named when it responds.
    await this.subscriber.ping()
    const keys = [...this.written]
    this.written.clear()
    const changes = await Promise.all(keys.map((key) => this.changeOf(key)))
    return changes.filter((change) => change !== null)
  }

  close(): void {
    this.subscriber.disconnect()
    this.redis.disconnect()
  }

  private async changeOf(key: string): Promise<string | null> {
    const fields = Object.entries(await this.redis.hgetall(key)).toSorted(([a], [b]) => (a < b ? -1 : 1))
    const [before, now] = [this.contents.get(key) ?? '[]', JSON.stringify(fields)]
    this.contents.set(key, now)
    return before === now ? null : `GATES: ${key} ${before} became ${now}`
  }
}
