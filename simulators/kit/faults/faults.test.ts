import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.js'
import { registerSharedControlRoutes } from '../control/shared-routes.js'
import { Faults, Rejection } from './faults.js'
import { createKnobs, type FaultKnobs } from './knobs.js'
import { seededRandom } from '../random.js'
import { createApp, startServer, type RunningServer } from '../server.js'
import { choice, Settings } from '../settings.js'
import { Trace } from '../trace.js'

describe('fault injection', () => {
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
    const app = createApp(systemClock)
    const ports = { knobs, random: seededRandom(1), clock: systemClock, trace }
    const refusals = { unauthorized: { status: 401 }, forbidden: { status: 403 }, invalid: { status: 400 } }
    faults = new Faults({ ...ports, refusals, throttled: () => ({ status: 429, body: { error: 'SLOW_DOWN' } }) })
    app.post(
      '/write',
      faults.route({ operation: 'write', kind: 'write', weight: 2 }, () => ({ status: 201, body: { n: ++applied } })),
    )
    app.get(
      '/reject',
      faults.route({ operation: 'reject', kind: 'read', weight: 1 }, () => {
        throw new Rejection({ status: 404, body: { error: 'NOT_FOUND' } })
      }),
    )
    const toggles = new Settings({ shape: choice('a', 'b') })
    registerSharedControlRoutes(app, { knobs, toggles, trace, tasks: [faults.tasks] })
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

  it('returns and records the response or rejection of the handler when all knobs are off', async () => {
    expect(await (await write()).json()).toEqual({ n: 1 })
    expect((await fetch(`${server.url}/reject`)).status).toBe(404)
    expect(trace.query().calls).toMatchObject([
      { operation: 'write', weight: 2, status: 201, fault: null, method: 'POST', path: '/write' },
      { operation: 'reject', status: 404 },
    ])
  })

  it('does not run the handler when it throttles or simulates an outage', async () => {
    knobs.patch({ throttleRate: 1 })
    expect((await write()).status).toBe(429)
    knobs.patch({ outageUntil: Date.now() + 60_000 })
    expect((await write()).status).toBe(503)
    expect(applied).toBe(0)
  })

  it('sends server errors, as HTML if configured, about half of them after the write was applied', async () => {
    knobs.patch({ serverErrorRate: 1, serverErrorHtml: true })
    for (let i = 0; i < 60; i++) {
      const response = await write()
      expect(response.status).toBeGreaterThanOrEqual(500)
      expect(response.headers.get('content-type')).toContain('text/html')
    }
    expect(applied).toBeGreaterThan(15)
    expect(applied).toBeLessThan(45)
  })

  it('resets connections without a response, sometimes after the write was applied', async () => {
    knobs.patch({ connectionReset: 1 })
    for (let i = 0; i < 40; i++) await expect(write()).rejects.toThrow('fetch failed')
    expect(applied).toBeGreaterThan(5)
    expect(applied).toBeLessThan(35)
  })

  it('times out before the handler runs; with a late apply the handler runs once afterwards', async () => {
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

  it('times out after the handler ran, without a response', async () => {
    knobs.patch({ timeoutAfterApply: 1 })
    await expect(write(100)).rejects.toThrow(/timeout/)
    expect(applied).toBe(1)
    expect(trace.query().calls).toMatchObject([{ status: 0, fault: 'timeoutAfterApply' }])
  })

  it('delays the response by the configured latency', async () => {
    knobs.patch({ latencyMs: 120 })
    const start = Date.now()
    await write()
    expect(Date.now() - start).toBeGreaterThanOrEqual(115)
  })

  it('leaves control routes without faults; they change knobs and toggles and name invalid fields', async () => {
    const patched = await control('knobs', 'PATCH', { connectionReset: 1, outageUntil: Date.now() + 60_000 })
    expect(await patched.json()).toMatchObject({ connectionReset: 1 })
    expect(await (await control('knobs', 'GET')).json()).toMatchObject({ connectionReset: 1 })
    expect(await (await control('toggles', 'PATCH', { shape: 'b' })).json()).toEqual({ shape: 'b' })
    const invalid = await control('toggles', 'PATCH', { shape: 'c' })
    expect([invalid.status, await invalid.json()]).toEqual([
      400,
      { error: 'shape: must be one of a, b', errors: [{ field: 'shape', message: 'must be one of a, b' }] },
    ])
    expect((await control('trace?since=abc', 'GET')).status).toBe(400)
    expect(await (await control('trace?since=0', 'GET')).json()).toMatchObject({ calls: [], caps: [] })
  })
})

it('closes a server without waiting for a request in progress', async () => {
  const app = createApp(systemClock)
  app.get('/never', () => new Promise(() => undefined))
  const server = await startServer(app)
  const pending = fetch(`${server.url}/never`).catch((error: unknown) => error)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const start = Date.now()
  await server.close()
  expect(Date.now() - start).toBeLessThan(1_000)
  expect(await pending).toBeInstanceOf(Error)
})
