import type { Clock } from '../time/clock.js'
import { Instances, type InstanceReport, type InstanceRole, type LiveInstance } from './instances.js'

interface Heartbeat extends LiveInstance {
  seenAtMs: number
}

/** The heartbeats of several simulated processes: what they share, as they share a database. */
export type Heartbeats = Map<string, Heartbeat>

export class MemoryInstances extends Instances {
  /** `clock`: of the database. `assertAvailable`: throws while this process does not reach it. */
  constructor(
    readonly id: string,
    private readonly heartbeats: Heartbeats,
    private readonly clock: Clock,
    private readonly assertAvailable: () => void = () => undefined,
  ) {
    super()
  }

  nameOf(role: InstanceRole): string {
    return `${role} ${this.id}`
  }

  async leave(): Promise<void> {
    this.assertAvailable()
    this.heartbeats.delete(this.id)
  }

  protected async store({ role, redisOk, lastError }: InstanceReport): Promise<void> {
    this.assertAvailable()
    const seenAtMs = this.clock.now().getTime()
    this.heartbeats.set(this.id, { id: this.id, name: this.nameOf(role), role, redisOk, lastError, seenAtMs })
  }

  protected async recent(withinMs: number): Promise<LiveInstance[]> {
    this.assertAvailable()
    const since = this.clock.now().getTime() - withinMs
    return [...this.heartbeats.values()]
      .filter(({ seenAtMs }) => seenAtMs > since)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ seenAtMs: _, ...instance }) => instance)
  }
}
