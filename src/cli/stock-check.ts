import { differingAccounts, findInvariantViolation, unitsOf, type Balances } from '../domain/stock/ledger-account.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { isRedisOutage } from '../infrastructure/errors/redis-outage.js'
import { balancesOf, WITH_BALANCES } from '../infrastructure/prisma/balance-rows.js'
import { sumOfMovements } from '../adapters/prisma/stock/ledger-store.js'
import { GateCheck } from '../reconciliation/checks/gate-check.js'
import type { Drift } from '../reconciliation/drift/drift.js'
import type { CliContext } from './cli-context.js'

/** `not loaded`: the gate is unused until it is loaded. `not compared`: the ledger or the balances are inconsistent. */
export type CheckResult = 'ok' | 'different' | 'not loaded' | 'not compared' | 'unreachable'

export interface StockReport {
  eventId: string
  name: string
  /** Movements create and lose no units (I1). */
  movements: CheckResult
  /** The balances are the sum of the movements (I14). */
  balances: CheckResult
  /** The gate matches the balances of its epoch (I7). */
  gate: CheckResult
  difference: string | null
  ok: boolean
}

/** Compares movements, balances and gate of one event without changing them. */
export async function verifyStock(context: CliContext, event: { id: string; name: string }): Promise<StockReport> {
  const { row, sums } = await readLedger(context.get(PrismaService), event.id)
  const violation = findInvariantViolation(sums)
  const mismatch = row ? describeMismatch(sums, row) : 'the ledger is missing'
  const gate =
    (violation ?? mismatch) ? { result: 'not compared' as const, detail: null } : await compareGate(context, event.id)
  const movements: CheckResult = violation ? 'different' : 'ok'
  const balances: CheckResult = mismatch ? 'different' : 'ok'
  return {
    eventId: event.id,
    name: event.name,
    movements,
    balances,
    gate: gate.result,
    difference: violation ?? mismatch ?? gate.detail,
    ok: ![movements, balances, gate.result].includes('different'),
  }
}

async function readLedger(prisma: PrismaService, eventId: string): Promise<{ row: Balances | null; sums: Balances }> {
  return prisma.$transaction(
    async (tx) => {
      const row = await tx.eventLedger.findUnique({ where: { eventId }, ...WITH_BALANCES })
      return { row: row && balancesOf(row), sums: await sumOfMovements(tx, eventId) }
    },
    { isolationLevel: 'RepeatableRead' },
  )
}

async function compareGate(
  context: CliContext,
  eventId: string,
): Promise<{ result: CheckResult; detail: string | null }> {
  const drifts: Drift[] = []
  const sink = async (found: readonly Drift[]) => void drifts.push(...found)
  try {
    await context
      .get(GateCheck)
      .check(eventId, 'operator', { dryRun: true, sink, signal: new AbortController().signal })
  } catch (error) {
    if (!isRedisOutage(error)) throw error
    return { result: 'unreachable', detail: null }
  }
  const [drift] = drifts
  if (!drift) return { result: 'ok', detail: null }
  if (drift.ledger === null) return { result: 'not loaded', detail: null }
  return {
    result: 'different',
    detail: `${drift.detail}: ${formatValue(drift.platform)} instead of ${formatValue(drift.ledger)}`,
  }
}

function describeMismatch(sums: Balances, row: Balances): string | null {
  const mismatched = differingAccounts(sums, row)
  if (mismatched.length === 0) return null
  return mismatched
    .map((account) => `${account} is ${unitsOf(row, account)}, its movements add up to ${unitsOf(sums, account)}`)
    .join('; ')
}

function formatValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, units]) => `${name} ${units}`)
    .join(', ')
}
