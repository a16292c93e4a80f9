import { readdirSync, readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import type { CliContext } from '../../../src/cli/cli-context.js'
import { verifyStock } from '../../../src/cli/stock-check.js'
import type { StockDto } from '../../../src/events/stock/stock.dto.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { createEmptyDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'

/**
 * Rows that version 1 wrote while it ran on the simulated platforms: events on sale, in red alarm, oversold, closed with
 * its listings in another event, and direct only; holds, seats, releases, moves and cancelled orders.
 */
const POPULATED = new URL('../../support/fixtures/database-before-channel-accounts.json', import.meta.url)
const MIGRATIONS = new URL('../../../prisma/migrations/', import.meta.url)
const CHANNEL_ACCOUNTS = '20261127000100_channel_accounts'

type Row = Record<string, unknown>
const before = JSON.parse(readFileSync(POPULATED, 'utf8')) as Record<string, Row[]>
const rowsBefore = <T extends Row = Row>(table: string) => (before[table] ?? []) as T[]

interface ChannelRow extends Row {
  id: string
  event_id: string
  platform: string
}
const channels = rowsBefore<ChannelRow>('channels')
const channelId = (eventId: unknown, platform: unknown) =>
  channels.find((channel) => channel.event_id === eventId && channel.platform === platform)?.id ?? String(platform)
const newName = (eventId: unknown, account: string) => {
  const [kind, platform] = account.split(':')
  return platform === undefined ? account : `${kind}:${channelId(eventId, platform)}`
}

let database: TestDatabase
let client: Client
let redisUrl: string
let app: TestApp

beforeAll(async () => {
  database = await createEmptyDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
  const migrations = readdirSync(MIGRATIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const names = migrations.map(({ name }) => name).toSorted()
  const migrate = async (name: string) =>
    client.query(readFileSync(new URL(`${name}/migration.sql`, MIGRATIONS), 'utf8'))
  for (const name of names.filter((one) => one < CHANNEL_ACCOUNTS)) await migrate(name)
  await client.query('DELETE FROM system_mode')
  for (const [table, rows] of Object.entries(before)) {
    await client.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`, [
      JSON.stringify(rows),
    ])
  }
  await client.query("SELECT setval('stock_movements_id_seq', (SELECT max(id) FROM stock_movements))")
  for (const name of names.filter((one) => one >= CHANNEL_ACCOUNTS)) await migrate(name)
  redisUrl = await loadGatesOfBefore()
  app = await startTestApp({ databaseUrl: database.url, redisUrl, root: (config) => AppModule.of(config) })
}, 120_000)
afterAll(async () => {
  await app?.close()
  await client?.end()
  await database?.drop()
})

/** Gates as version 1 left them in Redis: accounts named by platform, valid for this run of the server. */
async function loadGatesOfBefore(): Promise<string> {
  const url = await sharedRedis()
  const redis = new Redis(url)
  const info = await redis.info()
  const server = `${/run_id:(\w+)/.exec(info)?.[1]}:${/master_replid:(\w+)/.exec(info)?.[1]}`
  for (const balance of rowsBefore('balances')) {
    const accounts = Object.entries(columnsOf(balance)).flat()
    const key = `event:{${String(balance.event_id)}}:stock`
    await redis.hset(key, 'epoch', String(balance.epoch), 'seq', '999', 'server', server, ...accounts)
  }
  redis.disconnect()
  return url
}

/** The accounts of a row of version 1, which had a column for each. */
function columnsOf(balance: Row): Record<string, number> {
  const { event_id: _event, epoch: _epoch, capacity, ...columns } = balance
  const accounts = Object.entries(columns).map(([column, units]) => {
    return [column.toUpperCase().replace(/^(ALLOCATED|SOLD)_/, '$1:'), Number(units)] as const
  })
  return { CAPACITY: -Number(capacity), ...Object.fromEntries(accounts) }
}

describe('The migration to accounts per channel', () => {
  it('starts from a database with every kind of account and state', () => {
    const used = rowsBefore('balances').flatMap((row) =>
      Object.entries(columnsOf(row)).filter(([, units]) => units !== 0),
    )
    // Of 14; nothing was in transit.
    expect(new Set(used.map(([account]) => account)).size).toBe(13)
    for (const table of Object.keys(before)) expect(rowsBefore(table).length, table).toBeGreaterThan(0)
  })

  it('keeps every balance under the name of its channel, and starts a new epoch', async () => {
    for (const balance of rowsBefore('balances')) {
      const eventId = balance.event_id
      const { rows } = await client.query<{ account: string; units: number }>(
        'SELECT account, units FROM balances WHERE event_id = $1',
        [eventId],
      )
      const expected = Object.entries(columnsOf(balance)).map(([account, units]) => [newName(eventId, account), units])
      expect(Object.fromEntries(rows.map(({ account, units }) => [account, units]))).toEqual(
        Object.fromEntries(expected.filter(([, units]) => units !== 0)),
      )
      const ledger = await client.query('SELECT epoch FROM ledgers WHERE event_id = $1', [eventId])
      expect(ledger.rows).toEqual([{ epoch: Number(balance.epoch) + 1 }])
    }
  })

  it('keeps every movement, and still refuses to change one', async () => {
    const { rows } = await client.query<Row>('SELECT * FROM stock_movements ORDER BY id')
    const expected = rowsBefore('stock_movements').map((row) => ({
      ...row,
      id: String(row.id),
      from_account: newName(row.event_id, String(row.from_account)),
      to_account: newName(row.event_id, String(row.to_account)),
    }))
    expect(rows).toEqual(expected.toSorted((a, b) => Number(a.id) - Number(b.id)))
    await expect(client.query('UPDATE stock_movements SET quantity = 1')).rejects.toThrow(/append-only/)
  })

  it('assigns orders, tickets, spans, releases and moves to their channels', async () => {
    for (const table of ['orders', 'tickets', 'safety_releases']) {
      const { rows } = await client.query<Row>(`SELECT id, channel_id FROM ${table} ORDER BY id`)
      const expected = rowsBefore(table).map(({ id, event_id: eventId, platform }) => {
        return { id, channel_id: platform === 'DIRECT' ? null : channelId(eventId, platform) }
      })
      expect(rows, table).toEqual(expected.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1)))
    }
    const known = new Set([...channels.map(({ id }) => id), 'DIRECT', 'UNALLOCATED'])
    const named = await client.query<{ channel: string }>(
      'SELECT channel_id AS channel FROM on_sale_spans UNION SELECT from_channel FROM rebalance_moves UNION SELECT to_channel FROM rebalance_moves',
    )
    for (const { channel } of named.rows) expect(known).toContain(channel)
  })

  it('leaves a stock that verifies and sells, with gates loaded again', async () => {
    const context = { get: (token: never) => app.app.get(token, { strict: false }) } as unknown as CliContext
    const token = await app.login()
    const verify = async () => {
      for (const { id, name } of rowsBefore<Row & { id: string; name: string }>('events')) {
        expect(await verifyStock(context, { id, name })).toMatchObject({ ok: true, movements: 'ok', balances: 'ok' })
      }
    }
    await verify()
    for (const balance of rowsBefore('balances')) {
      const { status, body } = await app.call<StockDto>('GET', `/events/${String(balance.event_id)}/stock`, { token })
      expect(status).toBe(200)
      const accounts = columnsOf(balance)
      for (const { platform, sold, allocation } of body.channels) {
        expect([sold, allocation]).toEqual([accounts[`SOLD:${platform}`], accounts[`ALLOCATED:${platform}`]])
      }
    }
    // The first operation finds a gate with the old names and loads it from the ledger.
    const direct = rowsBefore('events').find(({ name }) => name === 'Direct only')
    const hold = await app.call('POST', `/events/${String(direct?.id)}/holds`, { token, body: { quantity: 2 } })
    expect(hold.status).toBe(201)
    await verify()
  })
})
