import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { applyMigrations } from '../../../src/infrastructure/prisma/migrate.js'
import { createTestDatabase } from '../../support/servers/database.js'
import { temporaryDirectory } from '../../support/servers/directories.js'
import { sql } from '../../support/servers/embedded.js'

const discardLog = () => {}

function newDatabaseUrl(): string {
  const url = new URL(inject('databaseUrl'))
  const name = `test_${randomBytes(6).toString('hex')}`
  url.pathname = `/${name}`
  onTestFinished(async () => void (await sql(inject('databaseUrl'), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)))
  return url.href
}

function migrationsDir(migrations: Record<string, string>): string {
  const dir = temporaryDirectory()
  for (const [name, statements] of Object.entries(migrations)) {
    mkdirSync(join(dir, name))
    writeFileSync(join(dir, name, 'migration.sql'), statements)
  }
  return dir
}

const TWO = { '1_one': 'CREATE TABLE one (n int); INSERT INTO one VALUES (1);', '2_two': 'ALTER TABLE one ADD m int;' }

describe('applyMigrations', () => {
  test('creates a missing database, applies all migrations in order, and applies nothing the second time', async () => {
    const url = newDatabaseUrl()
    const dir = migrationsDir(TWO)
    expect(await applyMigrations(url, dir, discardLog)).toEqual(['1_one', '2_two'])
    const begin = performance.now()
    expect(await applyMigrations(url, dir, discardLog)).toEqual([])
    expect(performance.now() - begin).toBeLessThan(1_000)
    expect(await sql(url, 'SELECT count(*) FROM one')).toBe('1')
  })

  test('leaves a database that `prisma migrate` reports as up to date', { timeout: 120_000 }, async () => {
    const url = newDatabaseUrl()
    await applyMigrations(url, 'prisma/migrations', discardLog)
    for (const command of ['status', 'deploy']) {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/prisma.mjs', 'migrate', command], {
        env: { ...process.env, DATABASE_URL: url },
        encoding: 'utf8',
      })
      expect(status, stderr).toBe(0)
      expect(stdout).toMatch(/Database schema is up to date!|No pending migrations to apply/)
    }
  })

  test('applies each migration once when several processes start concurrently', async () => {
    const url = newDatabaseUrl()
    const dir = migrationsDir(TWO)
    const applied = await Promise.all([1, 2, 3, 4].map(() => applyMigrations(url, dir, discardLog)))
    expect(applied.flat()).toEqual(['1_one', '2_two'])
  })

  test('rolls back a failed migration, and applies it once it is corrected', async () => {
    const url = newDatabaseUrl()
    const dir = migrationsDir({ ...TWO, '3_bad': 'CREATE TABLE three (n int); SELECT nonsense;' })
    await expect(applyMigrations(url, dir, discardLog)).rejects.toThrow('The migration 3_bad failed: column "nonsense"')
    expect(await sql(url, "SELECT to_regclass('three')")).toBe('null')
    writeFileSync(join(dir, '3_bad', 'migration.sql'), 'CREATE TABLE three (n int);')
    expect(await applyMigrations(url, dir, discardLog)).toEqual(['3_bad'])
  })

  test('rejects a migration that was edited after it was applied', async () => {
    const url = newDatabaseUrl()
    const dir = migrationsDir(TWO)
    await applyMigrations(url, dir, discardLog)
    appendFileSync(join(dir, '1_one', 'migration.sql'), '-- more')
    await expect(applyMigrations(url, dir, discardLog)).rejects.toThrow(
      'The migration 1_one was edited after it was applied',
    )
  })

  test('rejects a database that a newer version has migrated', async () => {
    const url = newDatabaseUrl()
    const newer = migrationsDir(TWO)
    await applyMigrations(url, newer, discardLog)
    const older = temporaryDirectory()
    cpSync(join(newer, '1_one'), join(older, '1_one'), { recursive: true })
    await expect(applyMigrations(url, older, discardLog)).rejects.toThrow('2_two, which this version does not know')
  })

  test('rejects a database in which prisma recorded a failed migration', async () => {
    const url = newDatabaseUrl()
    const dir = migrationsDir(TWO)
    await applyMigrations(url, dir, discardLog)
    await sql(url, "UPDATE _prisma_migrations SET finished_at = NULL, logs = 'boom' WHERE migration_name = '2_two'")
    await expect(applyMigrations(url, dir, discardLog)).rejects.toThrow('The migration 2_two failed earlier (boom)')
  })

  test('reports why a missing database cannot be created', async () => {
    const database = await createTestDatabase()
    onTestFinished(() => database.drop())
    const role = `poor_${randomBytes(4).toString('hex')}`
    await sql(database.url, `CREATE ROLE ${role} LOGIN PASSWORD 'x'`)
    onTestFinished(async () => void (await sql(inject('databaseUrl'), `DROP ROLE ${role}`)))
    const url = new URL(newDatabaseUrl())
    Object.assign(url, { username: role, password: 'x' })
    await expect(applyMigrations(url.href, migrationsDir(TWO), discardLog)).rejects.toThrow(
      /The database test_\w+ is missing and cannot be created: permission denied/,
    )
  })
})
