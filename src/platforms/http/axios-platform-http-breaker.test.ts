import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { AxiosPlatformHttp } from './axios-platform-http.js'
import { INITIAL_BUDGET, json, page, useHttpBench } from './http-bench.test-support.js'

const bench = useHttpBench()

describe('The circuit breaker of AxiosPlatformHttp', () => {
  const idle = { weight: 0, lane: 'bulk' as const }

  async function open(http: AxiosPlatformHttp): Promise<void> {
    bench.behave = page(502)
    for (let i = 0; i < 5; i++) await http.call(bench.read('/', idle))
    expect(http.breakerState()).toBe('OPEN')
    bench.received = []
  }

  it('opens when the platform does not respond, and then neither sends nor charges calls', async () => {
    const http = bench.create()
    await open(http)
    const refused = { kind: 'NOT_SENT', reason: 'the circuit breaker is open' }
    expect(await http.call(bench.read('/', idle))).toEqual(refused)
    expect(await http.call(bench.write('/', { lane: 'grow' }))).toEqual(refused)
    expect(bench.received).toEqual([])
    expect(bench.logs.filter((line) => line.includes('circuit breaker state changed'))).toHaveLength(1)
  })

  it('does not count 4xx responses as failures', async () => {
    const http = bench.create()
    for (const status of [400, 401, 403, 404, 429]) {
      bench.behave = json(status, {})
      for (let i = 0; i < 4; i++) await http.call(bench.write('/', idle))
    }
    expect(http.breakerState()).toBe('CLOSED')
  })

  it('lets protect probe once a second, and closes after a successful probe', async () => {
    const http = bench.create()
    await open(http)
    const kinds = await Promise.all([1, 2, 3].map(async () => (await http.call(bench.write())).kind))
    expect(kinds.toSorted((a, b) => a.localeCompare(b))).toEqual(['NOT_SENT', 'NOT_SENT', 'UNKNOWN'])
    expect(bench.received).toHaveLength(1)
    expect(http.breakerState()).toBe('OPEN')
    bench.behave = json(200, {})
    await sleep(1_000)
    expect((await http.call(bench.write())).kind).toBe('RESPONSE')
    expect(http.breakerState()).toBe('CLOSED')
    expect((await http.call(bench.read('/', idle))).kind).toBe('RESPONSE')
    expect(await bench.budgetLeft()).toBe(INITIAL_BUDGET - 2)
  })

  it('becomes half-open after the reset timeout, and closes after a success', async () => {
    const http = bench.create({ timeouts: { breakerResetMs: 100 } })
    await open(http)
    await sleep(150)
    expect(http.breakerState()).toBe('HALF_OPEN')
    bench.behave = json(200, {})
    expect((await http.call(bench.read('/', idle))).kind).toBe('RESPONSE')
    expect(http.breakerState()).toBe('CLOSED')
  })
})
