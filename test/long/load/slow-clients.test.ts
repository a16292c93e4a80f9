import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { stallMany, type StalledRequest } from '../../support/http/raw-requests.js'
import { releaseWaiting, startThingsApp, type ThingsApp } from '../../support/http/things-app.js'

let things: ThingsApp
let staff: string
let sockets: Socket[] = []

beforeAll(async () => {
  things = await startThingsApp()
  staff = await things.service.login()
})

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets = []
  await sleep(200)
})

afterAll(() => things?.stop())

async function attack(count: number, requestOf: (index: number) => StalledRequest): Promise<void> {
  sockets = await stallMany(things.service.url, count, requestOf)
  await sleep(300)
}

/** What every part of the service responds. How fast is measured by `npm run bench -- attacks`. */
async function probe(): Promise<Record<string, number>> {
  const { url } = things.service
  const requests: [string, () => Promise<Response>][] = [
    ['live', () => fetch(`${url}/health/live`)],
    ['ready', () => fetch(`${url}/health/ready`)],
    ['webhook', () => fetch(`${url}/webhooks/luma`, { method: 'POST', body: '{}' })],
    ['staff', () => fetch(`${url}/api/v1/operators`, { headers: { authorization: `Bearer ${staff}` } })],
    ['public', () => fetch(`${url}/api/v1/things`)],
    ['change', () => fetch(`${url}/api/v1/things`, json({ quantity: 1 }))],
  ]
  const statuses: Record<string, number> = {}
  for (const [name, request] of requests) {
    const response = await request()
    await response.arrayBuffer()
    statuses[name] = response.status
  }
  return statuses
}

const json = (body: object) => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})

const WORKS = { live: 200, ready: 200, webhook: 202, staff: 200, public: 200, change: 201 }

describe('Everything responds', () => {
  it('while one client sends 2,100 requests without their bodies', async () => {
    await attack(2_100, () => ({ path: '/api/v1/things' }))
    expect(await probe()).toEqual(WORKS)
  })

  it('while 200 clients send 4,200 deliveries and requests without their bodies', async () => {
    await attack(4_200, (index) => ({
      path: index % 2 === 0 ? '/webhooks/luma' : '/api/v1/things',
      from: `127.0.1.${1 + (index % 200)}`,
    }))
    expect(await probe()).toEqual(WORKS)
  })
})

describe('Requests that take long', () => {
  it('leave capacity to staff, deliveries and health checks, and are limited per client', async () => {
    const { service } = things
    const waiting = Array.from({ length: 1_501 }, (_, index) =>
      service.call('GET', '/things/waiting', { ip: `10.3.0.${index < 1_001 ? 0 : 1 + (index % 5)}` }),
    )
    await sleep(500)
    expect(await probe()).toEqual({ ...WORKS, public: 503, change: 503 })
    releaseWaiting()
    const results = await Promise.all(waiting)
    const withStatus = (status: number) => results.filter((result) => result.status === status)
    expect(withStatus(200)).toHaveLength(1_500)
    expect(withStatus(429)).toHaveLength(1)
    expect(await probe()).toEqual(WORKS)
  })
})

describe('Bodies of deliveries', () => {
  it('occupy a bounded amount of memory before they are authenticated', async () => {
    const part = Buffer.alloc(1_000_000, 32)
    const before = process.memoryUsage().arrayBuffers
    await attack(300, (index) => ({
      path: '/webhooks/luma',
      from: `127.0.3.${1 + (index % 200)}`,
      contentLength: 1_048_576,
      part,
    }))
    await sleep(1_000)
    expect(await probe()).toEqual(WORKS)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000)
  })
})
