import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import type { BackgroundTaskDto } from '../../../src/read-api/system/background.dto.js'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { until } from '../../support/service/test-system.js'

let database: TestDatabase
let service: TestApp

beforeAll(async () => {
  database = await createTestDatabase()
  const redisUrl = await sharedRedis()
  service = await startTestApp({ databaseUrl: database.url, redisUrl, root: (config) => AppModule.of(config) })
})
afterAll(async () => {
  await service?.close()
  await database?.drop()
})

/** Number of uses of each decorator in the features. */
function declared(): Record<string, number> {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((name) => `src/${name}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('src/generated/'))
    .map((file) => readFileSync(file, 'utf8'))
  const uses = (decorator: string) =>
    sources.reduce(
      (sum, text) => sum + (text.match(new RegExp(`^  @${decorator}(?:<[^>]+>)?\\(`, 'gm')) ?? []).length,
      0,
    )
  return {
    periodic: uses('Periodic'),
    'job handler': uses('JobHandler'),
    'stock listener': uses('OnStockChanged'),
  }
}

async function list(): Promise<BackgroundTaskDto[]> {
  const token = await service.login()
  const { status, body } = await service.call<{ items: BackgroundTaskDto[] }>('GET', '/system/background', { token })
  expect(status).toBe(200)
  return body.items
}

describe('GET /system/background', () => {
  it('lists every method that a decorator declares as background work', async () => {
    const counts: Record<string, number> = {}
    for (const { kind } of await list()) counts[kind] = (counts[kind] ?? 0) + 1
    expect(counts).toEqual(declared())
    expect(counts['periodic']).toBeGreaterThan(15)
  })

  it('shows that only tasks of every process run until the tasks of workers are started', async () => {
    const started = async () => (await list()).filter(({ started }) => started).map(({ name }) => name)
    const everywhere = await started()
    expect(everywhere).toEqual(
      expect.arrayContaining(['system mode read', 'outbound limit refresh', 'SaleMetrics.observe']),
    )
    expect(everywhere).not.toContain('pending sweep')
    service.app.get(BackgroundTasks).start()
    expect(await started()).toHaveLength((await list()).length)
    await until(async () => {
      const sweep = (await list()).find(({ name }) => name === 'pending sweep')
      expect(sweep).toMatchObject({ everyMs: 5_000, failuresInARow: 0, lastError: null })
      expect(sweep?.lastDurationMs).toBeGreaterThanOrEqual(0)
    })
  })

  it('has the names that the documentation explains', async () => {
    const names = (await list()).filter(({ kind }) => kind === 'periodic').map(({ name }) => name)
    const rows = readFileSync('docs/background-tasks.md', 'utf8').matchAll(/^\| ([a-z -]+) \| (?!every)/gm)
    const documented = [...rows].map(([, name]) => name).filter((name) => name !== '---')
    expect(documented).toHaveLength(names.length)
    expect(new Set(documented)).toEqual(new Set(names))
  })

  it('requires a staff token', async () => {
    expect((await service.call('GET', '/system/background')).status).toBe(401)
  })
})
