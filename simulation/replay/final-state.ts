import { readFile } from 'node:fs/promises'
import type { MemoryTable } from '../../src/adapters/memory/memory-table.js'
import type { GateState, StockGate } from '../../src/stock/gate/gate.js'
import { textOf } from './plain-values.js'
import type { Difference } from './replay.js'
import type { ReplayDatabase } from './replay-database.js'
import { comparableGate } from './unordered.js'

/** The gate of an event at the end of a run; null: not loaded. */
export interface FinalGate {
  eventId: string
  state: (GateState & { pending: number }) | null
}

type FinalDifference = Omit<Difference, 'entry'>
type Delegate = { findMany(): Promise<object[]> }

const MANY = 10_000
const MODEL = /^model (\w+) \{([^}]*)\}/gm
const TABLE = /@@map\("(\w+)"\)/

/** The first table whose rows differ; null: none. */
export async function differingTable(
  tables: readonly MemoryTable<object>[],
  { prisma }: ReplayDatabase,
): Promise<FinalDifference | null> {
  const models = await modelsByTable()
  for (const table of tables) {
    const model = models.get(table.name)
    if (model === undefined) throw new Error(`no model has the table ${table.name}`)
    const recorded = table.where(null)
    const columns = new Set(recorded.flatMap((row) => Object.keys(row)))
    const real = await (prisma[model as keyof typeof prisma] as unknown as Delegate).findMany()
    const difference = compareRows(
      recorded.map(withoutGenerated),
      real.map((row) => withoutGenerated(pick(row, columns))),
    )
    if (difference) return { what: `rows of ${table.name}`, ...difference }
  }
  return null
}

/** The first gate that differs; null: none. */
export async function differingGate(gates: readonly FinalGate[], gate: StockGate): Promise<FinalDifference | null> {
  for (const { eventId, state } of gates) {
    const loaded = await gate.read(eventId)
    const pending = (await gate.pending(eventId, 0, MANY)).length
    const recorded = textOf(comparableGate(state))
    const real = textOf(comparableGate(loaded && { ...loaded, pending }))
    if (recorded !== real) return { what: `gate of ${eventId}`, recorded, real }
  }
  return null
}

function compareRows(
  recorded: readonly object[],
  real: readonly object[],
): Pick<Difference, 'recorded' | 'real'> | null {
  const [expected, found] = [recorded.map((row) => textOf(row)), real.map((row) => textOf(row))]
  const missing = expected.filter((text) => !found.includes(text))
  const unexpected = found.filter((text) => !expected.includes(text))
  if (missing.length + unexpected.length === 0 && expected.length === found.length) return null
  return {
    recorded: `${expected.length} rows, among them ${missing[0]}`,
    real: `${found.length} rows, among them ${unexpected[0]}`,
  }
}

/** Numbers that the database generates are not the same. */
function withoutGenerated(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => typeof value !== 'bigint'))
}

function pick(row: object, columns: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(row).filter(([column]) => columns.has(column)))
}

/** Names of the client's models by their tables. */
async function modelsByTable(): Promise<Map<string, string>> {
  const schema = await readFile(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8')
  return new Map(
    [...schema.matchAll(MODEL)].map(([, name = '', body = '']) => [
      TABLE.exec(body)?.[1] ?? name,
      `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
    ]),
  )
}
