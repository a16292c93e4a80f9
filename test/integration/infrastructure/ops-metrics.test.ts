import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppModule } from '../../../src/bootstrap/app.module.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'

const FILES = ['ops/alert-rules.yml', 'ops/grafana-dashboard.json', 'RUNBOOK.md']

let database: TestDatabase
let service: TestApp
let exposition: string

/** The metric family of a sample of a histogram or summary. */
const familyOf = (name: string) => name.replace(/_(bucket|sum|count)$/, '')

beforeAll(async () => {
  database = await createTestDatabase()
  const redisUrl = await sharedRedis()
  service = await startTestApp({ databaseUrl: database.url, redisUrl, root: (config) => AppModule.of(config) })
  const token = await service.login()
  const event = { name: 'Measured', startsAt: '2030-01-01T18:00:00Z', capacity: 70, safetyStockRatio: 0.1 }
  expect((await service.call('POST', '/events', { token, body: event })).status).toBe(201)
  exposition = (await service.call<string>('GET', '//metrics')).body
})

afterAll(async () => {
  await service.close()
  await database.drop()
})

describe('The operations files', () => {
  it.each(FILES)('reference only existing metrics in %s', (file) => {
    const known = new Set([...exposition.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
    const referenced = [...new Set(readFileSync(file, 'utf8').match(/trafficpolice_[a-z0-9_]+/g))]
    expect(referenced.length).toBeGreaterThan(0)
    expect(referenced.filter((name) => !known.has(name) && !known.has(familyOf(name)))).toEqual([])
  })

  it('link every alert rule to a section of the runbook', () => {
    const anchors = [...readFileSync('RUNBOOK.md', 'utf8').matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    )
    const links = [...readFileSync('ops/alert-rules.yml', 'utf8').matchAll(/runbook: 'RUNBOOK\.md#([^']+)'/g)]
    expect(links.length).toBeGreaterThan(5)
    for (const [, anchor] of links) expect(anchors).toContain(anchor)
  })
})

describe('GET /metrics', () => {
  it('returns the stock of an open event, and no sample for unknown values', () => {
    const value = (name: string, labels = '') =>
      Number(new RegExp(`^trafficpolice_${name}\\{event="[^"]+"${labels}\\} (\\S+)$`, 'm').exec(exposition)?.[1])
    expect(value('event_capacity_tickets')).toBe(70)
    expect(value('safety_tickets')).toBe(7)
    expect(value('sold_tickets', ',platform="DIRECT"')).toBe(0)
    expect(value('allocated_tickets', ',platform="DIRECT"')).toBe(63)
    expect(value('gate_epoch')).toBe(1)
    expect(value('gate_open')).toBe(1)
    expect(value('gate_ledger_lag_entries')).toBe(0)
    expect(exposition).not.toMatch(/^trafficpolice_exposure_tickets\{/m)
    expect(exposition).toMatch(/^trafficpolice_alarm_active\{kind="OVERSOLD"\} 0$/m)
  })

  it('counts failed mails of each kind from zero, so that the first one is an increase', () => {
    expect(exposition).toMatch(/^trafficpolice_mails_total\{kind="TICKETS",result="failed"\} 0$/m)
  })
})
