import type { Prisma, PrismaClient } from '../../../generated/prisma/client.js'
import { liveEvents } from '../../../infrastructure/prisma/live-events.js'
import {
  RunStore,
  type NewRun,
  type ReconciliationRun,
  type RunChange,
  type RunScope,
} from '../../../reconciliation/run/run-store.js'

export class PrismaRunStore extends RunStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  create(run: NewRun): Promise<ReconciliationRun> {
    return this.prisma.reconciliationRun.create({ data: run })
  }

  find(runId: string): Promise<ReconciliationRun | null> {
    return this.prisma.reconciliationRun.findUnique({ where: { id: runId } })
  }

  running(): Promise<ReconciliationRun | null> {
    return this.prisma.reconciliationRun.findFirst({ where: { state: 'RUNNING' } })
  }

  lastNightly(): Promise<ReconciliationRun | null> {
    return this.prisma.reconciliationRun.findFirst({ where: { trigger: 'NIGHTLY' }, orderBy: { id: 'desc' } })
  }

  async newest(before: string | undefined, limit: number): Promise<(ReconciliationRun & { itemCount: number })[]> {
    const rows = await this.prisma.reconciliationRun.findMany({
      where: before === undefined ? {} : { id: { lt: before } },
      orderBy: { id: 'desc' },
      take: limit,
      include: { _count: { select: { items: true } } },
    })
    return rows.map(({ _count, ...run }) => ({ ...run, itemCount: _count.items }))
  }

  async startAttempt(runId: string, eventsTotal: number): Promise<void> {
    const data = { attempts: { increment: 1 }, eventsTotal }
    await this.prisma.reconciliationRun.update({ where: { id: runId }, data })
  }

  async update(runId: string, change: RunChange): Promise<void> {
    await this.prisma.reconciliationRun.update({ where: { id: runId }, data: change })
  }

  countEvents(scope: RunScope): Promise<number> {
    return this.prisma.event.count({ where: eventsOf(scope) })
  }

  async nextEvent(scope: RunScope, position: string | null): Promise<string | null> {
    const remaining = position === null ? {} : { id: { gt: position } }
    const where = { AND: [eventsOf(scope), remaining] }
    const event = await this.prisma.event.findFirst({ where, orderBy: { id: 'asc' }, select: { id: true } })
    return event?.id ?? null
  }
}

function eventsOf({ eventId, startedAt }: RunScope): Prisma.EventWhereInput {
  return eventId === null ? liveEvents(startedAt) : { id: eventId }
}
