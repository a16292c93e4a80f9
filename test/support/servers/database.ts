import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { inject } from 'vitest'

export interface TestDatabase {
  url: string
  name: string
  /** Also closes open connections. */
  drop(): Promise<void>
}

/** Creates a migrated database as a copy of the template. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabase(copyTemplate)
}

/** Creates a database without tables. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase((name) => command(`CREATE DATABASE ${name}`))
}

async function createDatabase(create: (name: string) => Promise<void>): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await create(name)
  const url = new URL(inject('databaseUrl'))
  url.pathname = `/${name}`
  return { url: url.href, name, drop: () => command(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

const TEMPLATE_IN_USE = '55006'

/** Retries while another worker copies the template. */
async function copyTemplate(name: string): Promise<void> {
  const sql = `CREATE DATABASE ${name} TEMPLATE ${inject('templateDatabase')}`
  for (let attempt = 1; ; attempt++) {
    try {
      return await command(sql)
    } catch (error) {
      if ((error as { code?: string }).code !== TEMPLATE_IN_USE || attempt === 50) throw error
      await sleep(50)
    }
  }
}

async function command(sql: string): Promise<void> {
  const client = new Client({ connectionString: inject('databaseUrl') })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
