import { readdirSync, readFileSync } from 'node:fs'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sortKey } from '../../../src/domain/people/name-key.js'
import { createEmptyDatabase, type TestDatabase } from '../../support/servers/database.js'

const MIGRATIONS = new URL('../../../prisma/migrations/', import.meta.url)
const DOOR = '20261128130000_door'
const NAMES = ['José  GARCÍA', "Sinéad O'Brien", 'Jean-Luc Smith', '王 小明', '김민준', 'a_b 100%', '…', null]

let database: TestDatabase
let client: Client

beforeAll(async () => {
  database = await createEmptyDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
  const folders = readdirSync(MIGRATIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const migrations = folders.map(({ name }) => name).toSorted()
  const apply = (name: string) => client.query(readFileSync(new URL(`${name}/migration.sql`, MIGRATIONS), 'utf8'))
  for (const name of migrations.filter((one) => one < DOOR)) await apply(name)
  await client.query(`
    INSERT INTO events (id, name, starts_at, capacity, target_capacity, soft_cap_ratio, safety_stock_ratio, direct_weight, updated_at)
    VALUES ('e', 'An event', now(), 100, 100, 0.9, 0.1, 1, now())`)
  for (const [index, name] of NAMES.entries()) {
    const erasedAt = name === null ? new Date() : null
    await client.query(
      `INSERT INTO orders (id, event_id, platform, state, quantity, version, buyer_name, buyer_erased_at)
       VALUES ($1, 'e', 'DIRECT', 'PLACED', 1, '', $2, $3)`,
      [`o${index}`, name, erasedAt],
    )
    await client.query(
      `INSERT INTO tickets (id, order_id, event_id, platform, state) VALUES ($1, $2, 'e', 'DIRECT', 'VALID')`,
      [`t${index}`, `o${index}`],
    )
  }
  for (const name of migrations.filter((one) => one >= DOOR)) await apply(name)
}, 120_000)
afterAll(async () => {
  await client?.end()
  await database?.drop()
})

it('The holders of tickets that were sold before are their buyers, found by the same keys, and erased ones stay erased', async () => {
  const { rows } = await client.query<{ name: string | null; key: string; erased: boolean }>(`
    SELECT holder_name AS name, holder_key AS key, holder_erased_at IS NOT NULL AS erased FROM tickets ORDER BY id`)
  expect(rows).toEqual(NAMES.map((name) => ({ name, key: sortKey(name), erased: name === null })))
})
