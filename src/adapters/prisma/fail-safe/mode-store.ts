import { Prisma, type PrismaClient, type SystemMode } from '../../../generated/prisma/client.js'
import { retryDeadlocks } from '../../../infrastructure/errors/deadlock.js'
import { OPEN_EVENT } from '../../../infrastructure/prisma/live-events.js'
import { PrismaTransaction, type Transaction } from '../../../infrastructure/prisma/transaction.js'
import {
  ModeStore,
  type ModeChange,
  type ModeChangeRequest,
  type RecoveryStep,
  type StoredMode,
} from '../../../system-mode/mode-store.js'

/** `system_mode` has one row, created by its migration. */
export const SYSTEM_MODE_ROW = { id: 1 } as const
const TRANSACTION = { maxWait: 5_000, timeout: 10_000 }

const ON_SALE = Prisma.sql`
  SELECT c.id FROM channels c JOIN events e ON e.id = c.event_id WHERE ${OPEN_EVENT} AND c.detached_at IS NULL`

export class PrismaModeStore extends ModeStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async read(): Promise<StoredMode> {
    return storedMode(await this.prisma.systemMode.findUniqueOrThrow({ where: SYSTEM_MODE_ROW }))
  }

  change(request: ModeChangeRequest): Promise<ModeChange> {
    return retryDeadlocks(() => this.prisma.$transaction((client) => changeIn(client, request), TRANSACTION))
  }

  async advance(round: number, recoveryStep: RecoveryStep): Promise<boolean> {
    const { count } = await this.prisma.systemMode.updateMany({
      where: { ...SYSTEM_MODE_ROW, round, mode: 'FAIL_SAFE', forced: false },
      data: { recoveryStep },
    })
    return count === 1
  }

  async recordRebuild(before: StoredMode, redisIdentity: string, redisCanary: string): Promise<boolean> {
    const { count } = await this.prisma.systemMode.updateMany({
      where: { ...SYSTEM_MODE_ROW, redisIdentity: before.redisIdentity, redisCanary: before.redisCanary },
      data: { redisIdentity, redisCanary },
    })
    return count === 1
  }

  async recordBudgetHolder(budgetHolder: string): Promise<void> {
    await this.prisma.systemMode.update({ where: SYSTEM_MODE_ROW, data: { budgetHolder } })
  }

  markForSweep(): Promise<number> {
    return this.prisma.$transaction((client) => markChannels(client), TRANSACTION)
  }
}

async function changeIn(client: Transaction, request: ModeChangeRequest): Promise<ModeChange> {
  const { reason, actor, planFor, onChange } = request
  await client.$queryRaw`SELECT 1 FROM system_mode FOR UPDATE`
  const before = storedMode(await client.systemMode.findUniqueOrThrow({ where: SYSTEM_MODE_ROW }))
  const plan = planFor(before)
  if (!plan) return { before, after: before }
  const after = storedMode(await client.systemMode.update({ where: SYSTEM_MODE_ROW, data: plan.data }))
  const { cause, needsSweep } = plan
  if (cause) {
    await client.modeTransition.create({ data: { mode: after.mode, forced: after.forced, cause, reason, actor } })
  }
  if (needsSweep) await markChannels(client)
  await onChange?.(new PrismaTransaction(client), { before, after })
  return { before, after }
}

async function markChannels(client: Transaction): Promise<number> {
  const marked = await client.$executeRaw`
    UPDATE channels SET needs_sweep_since = clock_timestamp() WHERE id IN (
      ${ON_SALE} ORDER BY c.id FOR UPDATE OF c SKIP LOCKED)`
  const [row] = await client.$queryRaw<{ count: bigint }[]>`SELECT COUNT(*) AS count FROM (${ON_SALE}) AS on_sale`
  return Number(row?.count ?? 0) - marked
}

function storedMode({ id: _, ...row }: SystemMode): StoredMode {
  return row
}
