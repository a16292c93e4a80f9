import type { SharedMemory } from '../shared-memory.js'
import { durabilityFindingsOf, type RedisDurability } from './redis-durability.js'
import { RedisHealth, type RedisObservation } from './redis-health.js'

/** What the health of a Redis in memory depends on besides its availability. */
export class MemoryHealthState {
  durability: RedisDurability = { appendOnly: true, appendFsync: 'always', evictionPolicy: 'noeviction' }
  canary: string | null = null

  clear(): void {
    this.canary = null
  }

  /** Returns the function that restores the present state. */
  snapshot(): () => void {
    const { canary } = this
    return () => {
      this.canary = canary
    }
  }
}

/** The health of a Redis in memory, as one process sees it. */
export class MemoryRedisHealth extends RedisHealth {
  constructor(private readonly memory: SharedMemory<MemoryHealthState>) {
    super()
  }

  override observe(): Promise<RedisObservation> {
    return this.memory.write(({ canary }, run) => ({ identity: `${run}/master`, canary }))
  }

  override writeCanary(canary: string): Promise<void> {
    return this.memory.write((state) => {
      state.canary = canary
    })
  }

  override durabilityFindings(): Promise<string[]> {
    return this.memory.read(({ durability }) => durabilityFindingsOf(durability))
  }
}
