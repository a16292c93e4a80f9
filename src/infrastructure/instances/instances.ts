import { hostname } from 'node:os'
import { Injectable } from '@nestjs/common'
import { newId } from '../ids.js'
import { PrismaService } from '../prisma/prisma.service.js'

export type InstanceRole = 'all' | 'api' | 'worker' | 'cli'

/** What one process says of itself. */
export interface InstanceReport {
  role: InstanceRole
  /** False: Redis has not answered it for FAIL_SAFE_AFTER_MS. */
  redisOk: boolean
  /** When Redis last answered it; null: not once. */
  redisCheckedAt: Date | null
  /** Why Redis does not answer; null while it does. */
  why: string | null
}

export interface LiveInstance {
  id: string
  /** Role, host and process, for a person. */
  name: string
  role: InstanceRole
  redisOk: boolean
  why: string | null
}

/** Without a sign of life for so long, a process is not counted any more; it gives one each second. */
const LIVE_FOR = '3 seconds'
const FORGOTTEN_AFTER = '1 hour'
/** What is assumed before the first look: rather two small shares of a budget than one too large. */
const ASSUMED = 2

/**
 * The processes of this installation, as they report in PostgreSQL. Commands count only while no service process lives:
 * they come and go, and may run on hosts that reach less.
 */
@Injectable()
export class Instances {
  readonly id = newId('ins')
  private counted = ASSUMED
  private isFirst = true

  constructor(private readonly prisma: PrismaService) {}

  /** How many processes shared the work when this one last reported; at least 1. */
  liveCount(): number {
    return this.counted
  }

  nameOf(role: InstanceRole): string {
    return nameOf({ role, host: hostname(), pid: process.pid })
  }

  /** A sign of life of this process. Answers all that live, by the clock of PostgreSQL; rejects when it is away. */
  async beat(report: InstanceReport): Promise<LiveInstance[]> {
    if (this.isFirst) await this.forgetDead()
    this.isFirst = false
    const { role, redisOk, redisCheckedAt, why } = report
    await this.prisma.$executeRaw`
      INSERT INTO instances (id, role, host, pid, seen_at, redis_ok, redis_checked_at, why)
      VALUES (${this.id}, ${role}, ${hostname()}, ${process.pid}, clock_timestamp(), ${redisOk}, ${redisCheckedAt}, ${why})
      ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at, redis_ok = EXCLUDED.redis_ok,
        redis_checked_at = EXCLUDED.redis_checked_at, why = EXCLUDED.why, role = EXCLUDED.role`
    const live = await this.live()
    this.counted = Math.max(1, live.length)
    return live
  }

  /** This process ends: it is not waited for as a witness. */
  async leave(): Promise<void> {
    await this.prisma.instance.deleteMany({ where: { id: this.id } })
  }

  async live(): Promise<LiveInstance[]> {
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT id, role, host, pid, redis_ok AS "redisOk", why FROM instances
      WHERE seen_at > clock_timestamp() - ${LIVE_FOR}::interval ORDER BY id`
    const services = rows.filter(({ role }) => role !== 'cli')
    return (services.length > 0 ? services : rows).map((row) => ({
      id: row.id,
      name: nameOf(row),
      role: row.role,
      redisOk: row.redisOk,
      why: row.why,
    }))
  }

  private async forgetDead(): Promise<void> {
    await this.prisma.$executeRaw`
      DELETE FROM instances WHERE seen_at < clock_timestamp() - ${FORGOTTEN_AFTER}::interval`
  }
}

interface Row {
  id: string
  role: InstanceRole
  host: string
  pid: number
  redisOk: boolean
  why: string | null
}

function nameOf({ role, host, pid }: Pick<Row, 'role' | 'host' | 'pid'>): string {
  return `${role} ${host}/${pid}`
}
