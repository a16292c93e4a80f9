import { hostname } from 'node:os'
import { Injectable } from '@nestjs/common'
import { newId } from '../ids.js'
import { PrismaService } from '../prisma/prisma.service.js'
import { Instances, type InstanceReport, type InstanceRole, type LiveInstance } from './instances.js'

const RETENTION = '1 hour'

interface Row {
  id: string
  role: InstanceRole
  host: string
  pid: number
  redisOk: boolean
  lastError: string | null
}

@Injectable()
export class PostgresInstances extends Instances {
  readonly id = newId('ins')
  private isFirstHeartbeat = true

  constructor(private readonly prisma: PrismaService) {
    super()
  }

  nameOf(role: InstanceRole): string {
    return nameOf({ role, host: hostname(), pid: process.pid })
  }

  async leave(): Promise<void> {
    await this.prisma.instance.deleteMany({ where: { id: this.id } })
  }

  protected async store({ role, redisOk, redisCheckedAt, lastError }: InstanceReport): Promise<void> {
    if (this.isFirstHeartbeat) await this.deleteExpired()
    this.isFirstHeartbeat = false
    await this.prisma.$executeRaw`
      INSERT INTO instances (id, role, host, pid, seen_at, redis_ok, redis_checked_at, why)
      VALUES (${this.id}, ${role}, ${hostname()}, ${process.pid}, clock_timestamp(), ${redisOk}, ${redisCheckedAt}, ${lastError})
      ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at, redis_ok = EXCLUDED.redis_ok,
        redis_checked_at = EXCLUDED.redis_checked_at, why = EXCLUDED.why, role = EXCLUDED.role`
  }

  protected async recent(withinMs: number): Promise<LiveInstance[]> {
    const rows = await this.prisma.$queryRaw<Row[]>`
      SELECT id, role, host, pid, redis_ok AS "redisOk", why AS "lastError" FROM instances
      WHERE seen_at > clock_timestamp() - ${withinMs / 1_000} * interval '1 second' ORDER BY id`
    return rows.map(({ host, pid, ...row }) => ({ ...row, name: nameOf({ role: row.role, host, pid }) }))
  }

  private async deleteExpired(): Promise<void> {
    await this.prisma.$executeRaw`
      DELETE FROM instances WHERE seen_at < clock_timestamp() - ${RETENTION}::interval`
  }
}

function nameOf({ role, host, pid }: Pick<Row, 'role' | 'host' | 'pid'>): string {
  return `${role} ${host}/${pid}`
}
