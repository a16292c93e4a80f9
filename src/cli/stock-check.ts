import { LEDGER_ACCOUNTS, findInvariantViolation, type Balances } from '../domain/ledger-account.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { isRedisOutage } from '../infrastructure/redis/outage.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { sumOfMovements } from '../inventory/ledger.js'
import { GateCheck } from '../reconciliation/gate-check.js'
import type { Drift } from '../reconciliation/drift.js'
import type { CliContext } from './cli-context.js'

/** `not loaded`: the gate decides nothing until it is. `not compared`: what it would be compared with is wrong itself. */
export type Part = 'ok' | 'different' | 'not loaded' | 'not compared' | 'unreachable'

export interface StockReport {
  eventId: string
  name: string
  /** They make and lose nothing (I1). */
  movements: Part
  /** The balances row is their sum (I14). */
  balances: Part
  /** The gate shows the balances of its epoch (I7). */
  gate: Part
  difference: string | null
  ok: boolean
}

/** Compares what is kept of one event's stock in three places, and changes nothing. */
export async function verifyStock(station: CliContext, event: { id: string; name: string }): Promise<StockReport> {
  const { row, sums } = await readLedger(station.get(PrismaService), event.id)
  const broken = findInvariantViolation(sums)
  const apart = row ? difference(sums, row) : 'there is no balances row'
  const gate =
    (broken ?? apart) ? { part: 'not compared' as const, detail: null } : await compareGate(station, event.id)
  const movements: Part = broken ? 'different' : 'ok'
  const balances: Part = apart ? 'different' : 'ok'
  return {
    eventId: event.id,
    name: event.name,
    movements,
    balances,
    gate: gate.part,
    difference: broken ?? apart ?? gate.detail,
    ok: ![movements, balances, gate.part].includes('different'),
  }
}

async function readLedger(prisma: PrismaService, eventId: string): Promise<{ row: Balances | null; sums: Balances }> {
  return prisma.$transaction(
    async (tx) => {
      const row = await tx.balance.findUnique({ where: { eventId } })
      return { row: row && balancesOf(row), sums: await sumOfMovements(tx, eventId) }
    },
    { isolationLevel: 'RepeatableRead' },
  )
}

async function compareGate(station: CliContext, eventId: string): Promise<{ part: Part; detail: string | null }> {
  const found: Drift[] = []
  const sink = async (drifts: readonly Drift[]) => void found.push(...drifts)
  try {
    await station
      .get(GateCheck)
      .check(eventId, 'operator', { dryRun: true, sink, signal: new AbortController().signal })
  } catch (error) {
    if (!isRedisOutage(error)) throw error
    return { part: 'unreachable', detail: null }
  }
  const [drift] = found
  if (!drift) return { part: 'ok', detail: null }
  if (drift.ledger === null) return { part: 'not loaded', detail: null }
  return { part: 'different', detail: `${drift.detail}: ${told(drift.platform)} instead of ${told(drift.ledger)}` }
}

function difference(sums: Balances, row: Balances): string | null {
  const apart = LEDGER_ACCOUNTS.filter((account) => sums[account] !== row[account])
  if (apart.length === 0) return null
  return apart.map((account) => `${account} is ${row[account]}, its movements add up to ${sums[account]}`).join('; ')
}

function told(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, units]) => `${name} ${units}`)
    .join(', ')
}
