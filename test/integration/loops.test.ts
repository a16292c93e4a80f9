import { Client, Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ChannelJobs } from '../../src/channels/sync/channel-jobs.js'
import { DecoratedMethods } from '../../src/infrastructure/background/decorated-methods.js'
import { PERIODIC, type PeriodicOptions } from '../../src/infrastructure/background/periodic.js'
import { FailSafeService } from '../../src/fail-safe/fail-safe.service.js'
import { ChangeFeed } from '../../src/live-updates/change-feed.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { addEvents } from '../support/fixtures/past-events.js'
import { Sales } from '../support/fixtures/sales.js'

const LIVE = 20
const PAST = 2_000
/** Rows that a run may read more although nothing but the past has grown: where a page of an index ends, for example. */
const TOLERANCE = 200

/** Runs every six hours and has to find old data of past events. */
const ERASURE = 'personal data retention'

let sales: Sales
let database: Pool

beforeAll(async () => {
  recordStatements()
  sales = await Sales.start()
  database = new Pool({ connectionString: sales.service.config.databaseUrl ?? '', max: 1 })
})
afterAll(async () => {
  await database.end()
  await sales.stop()
  vi.restoreAllMocks()
})

interface Statement {
  text: string
  values: unknown[]
}

/** Where statements are recorded; null: they are not. */
let recorded: Statement[] | null = null

/** Records what clients send that are created later: each keeps the method that it was created with. */
function recordStatements(): void {
  const prototype = Client.prototype as { query: (...args: unknown[]) => unknown }
  const send = prototype.query
  vi.spyOn(prototype, 'query').mockImplementation(function (this: Client, ...args: unknown[]) {
    const [first, second] = args as [string | Statement, unknown]
    const text = typeof first === 'string' ? first : first.text
    const values = (typeof first === 'object' ? first.values : undefined) ?? (Array.isArray(second) ? second : [])
    if (/^(\/\*.*?\*\/)?\s*(SELECT|UPDATE|DELETE|INSERT|WITH)\b/i.test(text)) recorded?.push({ text, values })
    return send.apply(this, args)
  })
}

/** The statements that `work` sends on any connection. */
async function statementsOf(work: () => unknown): Promise<Statement[]> {
  const statements: Statement[] = []
  recorded = statements
  try {
    await work()
  } finally {
    recorded = null
  }
  return statements
}

interface PlanNode {
  'Node Type': string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: PlanNode[]
}

/** Rows and index entries that a part of a plan has read in tables. */
function rowsOf(node: PlanNode): number {
  const own = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
  const isTable = /^(Seq|Index|Index Only|Bitmap Heap|Bitmap Index) Scan$/.test(node['Node Type'])
  const parts = (node.Plans ?? []).map(rowsOf).reduce((sum, rows) => sum + rows, 0)
  return (isTable ? own * node['Actual Loops'] : 0) + parts
}

/** Rows that `work` reads: its statements are executed again, without effect. */
async function rowsReadBy(work: () => unknown): Promise<{ rows: number; most: string }> {
  const statements = await statementsOf(work)
  const read: { rows: number; text: string }[] = []
  await database.query('BEGIN')
  // Tables of this size fit into a few pages: reading all of one may be cheaper than an index that serves.
  await database.query('SET LOCAL enable_seqscan = off')
  for (const { text, values } of statements) {
    const explain = `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`
    const { rows } = await database.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(explain, values)
    read.push({ rows: rows[0]?.['QUERY PLAN'][0] ? rowsOf(rows[0]['QUERY PLAN'][0].Plan) : 0, text })
  }
  await database.query('ROLLBACK')
  const most = read.toSorted((one, other) => other.rows - one.rows)[0]?.text ?? ''
  return { rows: read.reduce((sum, { rows }) => sum + rows, 0), most }
}

/** By name: everything that runs without a cause, and what open dashboards cause. */
function loops(): [string, () => unknown][] {
  const { app } = sales.service
  const periodic = app.get(DecoratedMethods).find<PeriodicOptions>(PERIODIC)
  return [
    // The period in which it checks all channels may not be over.
    ['check of all channels', () => app.get(ChannelJobs).checkChannels(null)],
    ...periodic.map(({ options, call }): [string, () => unknown] => [
      options.name,
      () => call(new AbortController().signal),
    ]),
    ['changes of the event stream', () => app.get(ChangeFeed).changes()],
    ['count of channels', () => app.get(FailSafeService).status()],
  ]
}

/** In the second run of each, as in any later one. */
async function rowsReadByEach(): Promise<{ name: string; rows: number; most: string }[]> {
  const read: { name: string; rows: number; most: string }[] = []
  for (const [, run] of loops()) await run()
  await database.query('ANALYZE')
  for (const [name, run] of loops()) if (name !== ERASURE) read.push({ name, ...(await rowsReadBy(run)) })
  return read
}

describe('What a loop reads per run', () => {
  it('depends on the events that are live, not on those that are over', async () => {
    const template = await sales.event()
    await addEvents(database, template, { past: PAST, live: LIVE })
    const few = new Map((await rowsReadByEach()).map(({ name, rows }) => [name, rows]))
    await addEvents(database, template, { past: PAST, live: 0 })
    const many = await rowsReadByEach()
    // With twice as many: plans for hardly any rows differ from those for many.
    const growing = many.filter(({ name, rows }) => rows > (few.get(name) ?? 0) + TOLERANCE)
    expect(growing).toEqual([])
  }, 240_000)

  it('is counted: a condition that no index serves reads all of the past', async () => {
    const prisma = sales.service.app.get(PrismaService)
    const where = { OR: [{ venue: 'nowhere' }, { startsAt: { gt: new Date() } }] }
    expect((await rowsReadBy(() => prisma.event.findMany({ where }))).rows).toBeGreaterThan(PAST)
  })
})
