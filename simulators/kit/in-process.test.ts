import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createApp,
  createKnobs,
  Faults,
  seededRandom,
  startServer,
  Trace,
  type Clock,
  type FaultName,
  type RunningServer,
} from './index.js'

/** A clock that does not advance; a sleep lasts until it is aborted. */
const NOW = Date.parse('2026-11-18T12:00:00Z')
const clock: Clock = {
  now: () => NOW,
  sleep: (ms, signal) =>
    ms === 0
      ? Promise.resolve()
      : new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
}

describe('A simulator in process', () => {
  let app: FastifyInstance
  let server: RunningServer
  let faults: Faults
  let applied: number

  beforeEach(async () => {
    applied = 0
    app = createApp(clock)
    const refusals = { unauthorized: { status: 401 }, forbidden: { status: 403 }, invalid: { status: 400 } }
    const ports = { knobs: createKnobs(), random: seededRandom(1), clock, trace: new Trace() }
    faults = new Faults({ ...ports, refusals, throttled: () => ({ status: 429 }) })
    app.post(
      '/write',
      faults.route({ operation: 'write', kind: 'write', weight: 1 }, ({ body, query }) => {
        applied += 1
        return { status: 201, headers: { 'X-Kind': 'test' }, body: { body, query } }
      }),
    )
    server = await startServer(app, { inProcess: { origin: 'http://test.simulated', post: () => Promise.resolve(0) } })
  })
  afterEach(async () => {
    await faults.tasks.stop()
    await server.close()
  })

  const write = (signal?: AbortSignal) =>
    server.handle({
      method: 'POST',
      url: `${server.url}/write?a=1`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'b=2&c=%C3%A9',
      signal,
    })
  const writeWith = (fault: FaultName) => {
    faults.script.inject({ fault, calls: 1 })
    return write()
  }

  it('responds as over a socket, with the time of its clock', async () => {
    const response = await write()
    expect(response).toMatchObject({
      status: 201,
      headers: { 'x-kind': 'test', date: 'Wed, 18 Nov 2026 12:00:00 GMT' },
    })
    expect(JSON.parse(String(response?.body))).toEqual({ body: { b: '2', c: 'é' }, query: { a: '1' } })
  })

  it('responds within one turn of the event loop', async () => {
    let turns = 0
    let settled = false
    const turn = () => {
      turns += 1
      if (!settled) setImmediate(turn)
    }
    setImmediate(turn)
    await write()
    settled = true
    expect(turns).toBe(0)
  })

  it('ends the connection without a response when it resets it', async () => {
    expect(await writeWith('connectionReset')).toBeNull()
    expect(applied).toBe(0)
    expect(await writeWith('connectionResetAfterApply')).toBeNull()
    expect(applied).toBe(1)
    expect(faults.tasks.pending).toBe(0)
  })

  it('stays silent until the caller gives up, or it is closed', async () => {
    faults.script.inject({ fault: 'timeoutAfterApply' })
    const caller = new AbortController()
    const silent = write(caller.signal)
    await expect(Promise.race([silent, new Promise((resolve) => setTimeout(resolve, 20, 'silent'))])).resolves.toBe(
      'silent',
    )
    expect([applied, faults.tasks.pending]).toEqual([1, 1])
    caller.abort()
    expect(await silent).toBeNull()
    expect(await faults.tasks.drain(1_000)).toBe(0)
    const other = write()
    await new Promise(setImmediate)
    await server.close()
    expect(await other).toBeNull()
    expect(await write(AbortSignal.abort())).toBeNull()
  })

  it('sends a body that ends too early, and pages that are not JSON', async () => {
    const cut = await writeWith('malformed')
    expect(cut).toMatchObject({ status: 200, headers: { 'content-type': 'application/json; charset=utf-8' } })
    expect(() => JSON.parse(String(cut?.body)) as unknown).toThrow(SyntaxError)
    expect(await writeWith('serverError')).toMatchObject({ status: 503 })
  })
})
