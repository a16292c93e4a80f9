import { durabilityFindingsOf, type RedisDurability } from './redis-durability.js'
import { RedisHealth, type RedisObservation } from './redis-health.js'

/** A Redis in memory that only has health. Services that share it are processes that use the same server. */
export class MemoryRedisHealth extends RedisHealth {
  /** True: every call rejects. */
  unreachable = false
  durability: RedisDurability = { appendOnly: true, appendFsync: 'always', evictionPolicy: 'noeviction' }
  private isReplica = false
  private run = 1
  private canary: string | null = null

  /** Deletes the data; the server keeps running. */
  empty(): void {
    this.canary = null
  }

  /** Restarts the server with its data. */
  restart(): void {
    this.run += 1
  }

  /** Another server without data responds at the same address. */
  replace(): void {
    this.restart()
    this.empty()
  }

  /** The server becomes a replica: it rejects writes. */
  demote(): void {
    this.isReplica = true
  }

  /** The replica becomes a master, with a replication history of its own. */
  promote(): void {
    this.isReplica = false
    this.run += 1
  }

  override observe(): Promise<RedisObservation> {
    return this.respond(() => {
      this.requireMaster()
      return { identity: `run-${this.run}/master`, canary: this.canary }
    })
  }

  override writeCanary(canary: string): Promise<void> {
    return this.respond(() => {
      this.requireMaster()
      this.canary = canary
    })
  }

  override durabilityFindings(): Promise<string[]> {
    return this.respond(() => durabilityFindingsOf(this.durability))
  }

  private async respond<T>(read: () => T): Promise<T> {
    await Promise.resolve()
    if (this.unreachable) throw new Error('Connection is closed.')
    return read()
  }

  private requireMaster(): void {
    if (this.isReplica) throw new Error('READONLY Redis is a slave')
  }
}
