export type InstanceRole = 'all' | 'api' | 'worker' | 'cli'

/** The heartbeat of one process. */
export interface InstanceReport {
  role: InstanceRole
  /** False: Redis has not responded for FAIL_SAFE_AFTER_MS. */
  redisOk: boolean
  /** When Redis last responded; null: never. */
  redisCheckedAt: Date | null
  /** Why Redis is unreachable; null while it is reachable. */
  lastError: string | null
}

export interface LiveInstance {
  id: string
  /** Role, host and pid, for display. */
  name: string
  role: InstanceRole
  redisOk: boolean
  lastError: string | null
}

/** A process without a heartbeat for this long counts as dead; heartbeats are sent every second. */
export const LIVE_WINDOW_MS = 3_000
/** Assumed before the first heartbeat: too small a share of a budget is safer than too large a one. */
const ASSUMED_LIVE = 2

/**
 * The live processes of this installation, by the heartbeats that they store. Commands count only while no service
 * process is live: they are short-lived and may run on hosts with less network access.
 */
export abstract class Instances {
  /** Of this process. */
  abstract readonly id: string
  private liveAtLastHeartbeat = ASSUMED_LIVE

  /** Number of live processes at the last heartbeat of this one; at least 1. */
  liveCount(): number {
    return this.liveAtLastHeartbeat
  }

  /** Stores a heartbeat of this process. Returns all live ones; rejects when the store is unavailable. */
  async heartbeat(report: InstanceReport): Promise<LiveInstance[]> {
    await this.store(report)
    const live = await this.live()
    this.liveAtLastHeartbeat = Math.max(1, live.length)
    return live
  }

  /** All live processes by the clock of the store, in the order of their ids. */
  async live(): Promise<LiveInstance[]> {
    const all = await this.recent(LIVE_WINDOW_MS)
    const services = all.filter(({ role }) => role !== 'cli')
    return services.length > 0 ? services : all
  }

  /** Whether a process with a heartbeat within the last `withinMs`, commands included, does not reach Redis. */
  async anyWithoutRedis(withinMs: number): Promise<boolean> {
    return (await this.recent(withinMs)).some(({ redisOk }) => !redisOk)
  }

  abstract nameOf(role: InstanceRole): string

  /** Deregisters this process, so that it no longer counts as live. */
  abstract leave(): Promise<void>

  protected abstract store(report: InstanceReport): Promise<void>

  /** Processes with a heartbeat within the last `withinMs`, commands included, by the clock of the store. */
  protected abstract recent(withinMs: number): Promise<LiveInstance[]>
}
