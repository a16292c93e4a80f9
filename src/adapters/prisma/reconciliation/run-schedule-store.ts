import type { PrismaClient } from '../../../generated/prisma/client.js'
import { RunScheduleStore, type DueRun } from '../../../reconciliation/run/run-schedule-store.js'

const KEY = 'reconciliation-due'

export class PrismaRunScheduleStore extends RunScheduleStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async read(): Promise<DueRun | null> {
    const row = await this.prisma.storedValue.findUnique({ where: { key: KEY } })
    return (row?.value ?? null) as DueRun | null
  }

  async save(due: DueRun): Promise<void> {
    const value = { ...due }
    await this.prisma.storedValue.upsert({ where: { key: KEY }, create: { key: KEY, value }, update: { value } })
  }

  async advance(from: DueRun, to: DueRun): Promise<boolean> {
    const { count } = await this.prisma.storedValue.updateMany({
      where: { key: KEY, value: { equals: { ...from } } },
      data: { value: { ...to } },
    })
    return count === 1
  }
}
