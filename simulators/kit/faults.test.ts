import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from './clock.js'
import { registerControl } from './control.js'
import { Faults, Refusal } from './faults.js'
import { createKnobs, type FaultKnobs } from './knobs.js'
import { seededRandom } from './random.js'
import { createApp, startServer, type RunningServer } from './server.js'
import { choice, Settings } from './settings.js'
import { Trace } from './trace.js'

describe('faults', () => {
  let server: RunningServer
  let faults: Faults
  let trace: Trace
  let applied: number
  const knobs = createKnobs()
  const off = { ...knobs.current }

  beforeEach(async () => {
    knobs.patch(off)
    applied = 0
    trace = new Trace()
    const app = createApp()
    const ports = { knobs, random: seededRandom(1), clock: systemClock, trace }
    faults = new Faults({ ...ports, throttled: () => ({ status: 429, body: { error: 'SLOW_DOWN' } }) })
    app.post(
      '/write',
      faults.route({ operation: 'write', kind: 'write', weight: 2 }, () => ({ status: 201, body: { n: ++applied } })),
    )
    app.get(
      '/refuse',
      faults.route({ operation: 'refuse', kind: 'read', weight: 1 }, () => {
        throw new Refusal({ status: 404, body: { error: 'NOT_FOUND' } })
      }),
    )
    const toggles = new Settings({ shape: choice('a', 'b') })
    registerControl(app, { knobs, toggles, trace, tasks: [faults.tasks] })
    server = await startServer(app)
  })

  afterEach(async () => {
    await faults.tasks.stop()
    await server.close()
  })

  const write = (timeoutMs = 5_000) =>
    fetch(`${server.url}/write`, { method: 'POST', signal: AbortSignal.timeout(timeoutMs) })
  const control = (path: string, method: string, body?: Partial<FaultKnobs> | Record<string, unknown>) =>
    fetch(`${server.url}/control/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })

  it('off: answers as the handler says, refusals too, and records both', async () => {
    expect(await (await write()).json()).toEqual({ n: 1 })
    expect((await fetch(`${server.url}/refuse`)).status).toBe(404)
    expect(trace.query().calls).toMatchObject([
      { operation: 'write', weight: 2, status: 201, fault: null, method: 'POST', path: '/write' },
      { operation: 'refuse', status: 404 },
    ])
  })

  it('throttle and outage: refused unprocessed', async () => {
    knobs.patch({ throttleRate: 1 })
    expect((await write()).status).toBe(429)
    knobs.patch({ outageUntil: Date.now() + 60_000 })
    expect((await write()).status).toBe(503)
    expect(applied).toBe(0)
  })

  it('server errors: HTML on demand, and about half of them after the write', async () => {
    knobs.patch({ serverErrorRate: 1, serverErrorHtml: true })
    for (let i = 0; i < 60; i++) {
      const answer = await write()
      expect(answer.status).toBeGreaterThanOrEqual(500)
      expect(answer.headers.get('content-type')).toContain('text/html')
    }
    expect(applied).toBeGreaterThan(15)
    expect(applied).toBeLessThan(45)
  })

  it('connection reset: no answer, sometimes applied', async () => {
    knobs.patch({ connectionReset: 1 })
    for (let i = 0; i < 40; i++) await expect(write()).rejects.toThrow('fetch failed')
    expect(applied).toBeGreaterThan(5)
    expect(applied).toBeLessThan(35)
  })

  it('timeout before apply: never applied, unless late, and then once', async () => {
    knobs.patch({ timeoutBeforeApply: 1 })
    await expect(write(100)).rejects.toThrow(/timeout/)
    expect(await faults.tasks.drain(2_000)).toBe(0)
    expect(applied).toBe(0)

    knobs.patch({ lateApplyMs: 150 })
    await expect(write(100)).rejects.toThrow(/timeout/)
    expect(applied).toBe(0)
    expect(await (await control('drain', 'POST')).json()).toEqual({ drained: true, pending: 0, failures: [] })
    expect(applied).toBe(1)
  })

  it('timeout after apply: applied, never answered', async () => {
    knobs.patch({ timeoutAfterApply: 1 })
    await expect(write(100)).rejects.toThrow(/timeout/)
    expect(applied).toBe(1)
    expect(trace.query().calls).toMatchObject([{ status: 0, fault: 'timeoutAfterApply' }])
  })

  it('latency: waits before answering', async () => {
    knobs.patch({ latencyMs: 120 })
    const start = Date.now()
    await write()
    expect(Date.now() - start).toBeGreaterThanOrEqual(115)
  })

  it('control: never faulted, changes knobs and toggles, explains what is wrong', async () => {
    const patched = await control('knobs', 'PATCH', { connectionReset: 1, outageUntil: Date.now() + 60_000 })
    expect(await patched.json()).toMatchObject({ connectionReset: 1 })
    expect(await (await control('knobs', 'GET')).json()).toMatchObject({ connectionReset: 1 })
    expect(await (await control('toggles', 'PATCH', { shape: 'b' })).json()).toEqual({ shape: 'b' })
    const wrong = await control('toggles', 'PATCH', { shape: 'c' })
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { error: 'shape: must be one of a, b', errors: [{ field: 'shape', message: 'must be one of a, b' }] },
    ])
    expect((await control('trace?since=abc', 'GET')).status).toBe(400)
    expect(await (await control('trace?since=0', 'GET')).json()).toMatchObject({ calls: [], caps: [] })
  })
})

it('closing a server does not wait for a held request', async () => {
  const app = createApp()
  app.get('/hold', () => new Promise(() => undefined))
  const server = await startServer(app)
  const held = fetch(`${server.url}/hold`).catch((error: unknown) => error)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const start = Date.now()
  await server.close()
  expect(Date.now() - start).toBeLessThan(1_000)
  expect(await held).toBeInstanceOf(Error)
})
