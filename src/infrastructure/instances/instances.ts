import { hostname } from 'node:os'
import { Injectable } from '@nestjs/common'
import { newId } from '../ids.js'
import { PrismaService } from '../prisma/prisma.service.js'

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
const LIVE_WINDOW = '3 seconds'
const RETENTION = '1 hour'
/** Assumed before the first heartbeat: too small a share of a budget is safer than too large a one. */
const ASSUMED_LIVE = 2

/**
 * The live processes of this installation, by their heartbeats in PostgreSQL. Commands count only while no service
 * process is live: they are short-lived and may run on hosts with less network access.
 */
@Injectable()
export class Instances {
  readonly id = newId('ins')
  private liveAtLastHeartbeat = ASSUMED_LIVE
  private isFirstHeartbeat = true

  constructor(private readonly prisma: PrismaService) {}

  /** Number of live processes at the last heartbeat of this one; at least 1. */
  liveCount(): number {
    return this.liveAtLastHeartbeat
  }

  nameOf(role: InstanceRole): string {
    return nameOf({ role, host: hostname(), pid: process.pid })
  }

  /** Stores a heartbeat of this process. Returns all live ones by the clock of PostgreSQL; rejects when it is unavailable. */
  async heartbeat(report: InstanceReport): Promise<LiveInstance[]> {
    if (this.isFirstHeartbeat) await this.deleteExpired()
    this.isFirstHeartbeat = false
    const { role, redisOk, redisCheckedAt, lastError } = report
    await this.prisma.$executeRaw`
      INSERT INTO instances (id, role, host, pid, seen_at, redis_ok, redis_checked_at, why)
      VALUES (${this.id}, ${role}, ${hostname()}, ${process.pid}, clock_timestamp(), ${redisOk}, ${redisCheckedAt}, ${lastError})
      ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at, redis_ok = EXCLUDED.redis_ok,
        redis_checked_at = EXCLUDED.redis_checked_at, why = EXCLUDED.why, role = EXCLUDED.role`
    const live = await this.live()
    this.liveAtLastHeartbeat = Math.max(1, live.length)
    return live
  }

  /** Deregisters this process, so that it no longer counts as live. */
  async leave(): Promise<void> {
    await this.prisma.instance.deleteMany({ where: { id: this.id } })
  }

  async live(): Promise<LiveInstance[]> {
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT id, role, host, pid, redis_ok AS "redisOk", why AS "lastError" FROM instances
      WHERE seen_at > clock_timestamp() - ${LIVE_WINDOW}::interval ORDER BY id`
    const services = rows.filter(({ role }) => role !== 'cli')
    return (services.length > 0 ? services : rows).map((row) => ({
      id: row.id,
      name: nameOf(row),
      role: row.role,
      redisOk: row.redisOk,
      lastError: row.lastError,
    }))
  }

  private async deleteExpired(): Promise<void> {
    await this.prisma.$executeRaw`
      DELETE FROM instances WHERE seen_at < clock_timestamp() - ${RETENTION}::interval`
  }
}

interface Row {
  id: string
  role: InstanceRole
  host: string
  pid: number
  redisOk: boolean
  lastError: string | null
}

function nameOf({ role, host, pid }: Pick<Row, 'role' | 'host' | 'pid'>): string {
  return `${role} ${host}/${pid}`
}
