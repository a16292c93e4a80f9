import { expect, it } from 'vitest'
import { isUniqueViolation } from '../../../../src/infrastructure/errors/unique-violation.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { NewRun, RunChange } from '../../../../src/reconciliation/run/run-store.js'
import { describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const DAY_MS = 86_400_000
const ago = (ms: number) => new Date(NOW.getTime() - ms)

const newRun = (change: Partial<NewRun> = {}): NewRun => {
  return { id: newId('run'), trigger: 'OPERATOR', dryRun: false, eventId: null, requestedBy: null, ...change }
}

describeStores('The run store', (bench) => {
  const finished: RunChange = { state: 'SUCCEEDED', reason: null, finishedAt: NOW }
  const finish = (id: string, change: RunChange = {}) => bench.stores.runs.update(id, { ...finished, ...change })
  const addFinished = async (change: Partial<NewRun> = {}, result: RunChange = {}) => {
    const { id } = await bench.stores.runs.create(newRun(change))
    await finish(id, result)
    return id
  }
  const addEvent = async (change: Parameters<typeof eventRow>[0] = {}) => {
    const event = eventRow(change)
    await bench.insert('events', event)
    return event.id
  }

  it('creates a run that is RUNNING and has done nothing', async () => {
    const { runs } = bench.stores
    expect(await runs.running()).toBeNull()
    const before = Date.now()
    const request = newRun({ eventId: 'evt_x', requestedBy: 'ada@example.com', dryRun: true, trigger: 'CLI' })
    const run = await runs.create(request)
    const progress = { eventsTotal: null, eventsDone: 0, position: null, attempts: 0, reason: null, finishedAt: null }
    expect(run).toEqual({ ...request, state: 'RUNNING', ...progress, startedAt: expect.any(Date) })
    expect(Math.abs(run.startedAt.getTime() - before)).toBeLessThan(60_000)
    expect(await runs.running()).toEqual(run)
    expect(await runs.find(run.id)).toEqual(run)
    expect(await runs.find('run_unknown')).toBeNull()
    await finish(run.id)
  })

  it('refuses a second run until the first has ended', async () => {
    const { runs } = bench.stores
    const first = await runs.create(newRun())
    const second = await runs.create(newRun()).catch((error: unknown) => error)
    expect(isUniqueViolation(second)).toBe(true)
    await finish(first.id, { state: 'FAILED', reason: 'stopped' })
    expect(await runs.running()).toBeNull()
    await finish((await runs.create(newRun())).id)
  })

  it('counts attempts and changes the named columns of one run', async () => {
    const { runs } = bench.stores
    const other = await addFinished({}, { reason: 'another' })
    const { id } = await runs.create(newRun())
    await runs.startAttempt(id, 7)
    await runs.startAttempt(id, 8)
    await runs.update(id, { reason: 'aborted' })
    expect(await runs.find(id)).toMatchObject({ attempts: 2, eventsTotal: 8, eventsDone: 0, reason: 'aborted' })
    await runs.update(id, { position: 'evt_1', eventsDone: 1, attempts: 0 })
    const progress = { position: 'evt_1', eventsDone: 1, attempts: 0, eventsTotal: 8, reason: 'aborted' }
    expect(await runs.find(id)).toMatchObject({ ...progress, state: 'RUNNING', finishedAt: null })
    await finish(id)
    expect(await runs.find(id)).toMatchObject({ ...progress, ...finished })
    expect(await runs.find(other)).toMatchObject({ reason: 'another', attempts: 0, eventsTotal: null })
    await expect(runs.update('run_unknown', { reason: null })).rejects.toThrow()
    await expect(runs.startAttempt('run_unknown', 1)).rejects.toThrow()
  })

  it('lists runs from the newest id down, with the number of their items', async () => {
    const { runs, drifts } = bench.stores
    const [a, b, c] = [await addFinished(), await addFinished({ dryRun: true }), await addFinished()]
    const drift = { eventId: 'evt_x', channel: null, kind: 'GATE_DRIFT', externalOrderId: null } as const
    const values = { ledger: null, platform: null, corrected: true, detail: 'differs' }
    await drifts.add([1, 2].map(() => ({ ...drift, ...values, id: newId('dft'), runId: b })))
    const newest = await runs.newest(undefined, 3)
    expect(newest.map(({ id, itemCount }) => [id, itemCount])).toEqual([
      [c, 0],
      [b, 2],
      [a, 0],
    ])
    expect(newest[1]).toEqual({ ...(await runs.find(b)), itemCount: 2 })
    expect((await runs.newest(c, 1)).map(({ id }) => id)).toEqual([b])
    expect(await runs.newest('run_', 10)).toEqual([])
  })

  it('finds the last nightly run, whatever its state', async () => {
    const { runs } = bench.stores
    expect(await runs.lastNightly()).toBeNull()
    await addFinished({ trigger: 'NIGHTLY' })
    const last = await addFinished({ trigger: 'NIGHTLY' }, { state: 'FAILED' })
    await addFinished()
    expect(await runs.lastNightly()).toMatchObject({ id: last, state: 'FAILED' })
  })

  it('takes live events, or one in any state, in the order of their ids', async () => {
    const { runs } = bench.stores
    const unique = newId('evt')
    const [b, a] = [await addEvent({ id: `${unique}b` }), await addEvent({ id: `${unique}a` })]
    const closed = await addEvent({ id: `${unique}c`, closedSince: ago(3 * DAY_MS) })
    const recent = await addEvent({ id: `${unique}d`, closedSince: ago(DAY_MS) })
    const ended = await addEvent({ id: `${unique}e`, startsAt: ago(9 * DAY_MS) })
    const all = { eventId: null, startedAt: NOW }
    const live = await bench.stores.events.ids({ scope: 'live', now: NOW })
    expect(live).toEqual(expect.arrayContaining([a, b, recent]))
    expect(await runs.countEvents(all)).toBe(live.length)
    expect(await runs.nextEvent(all, null)).toBe(live[0])
    expect(await runs.nextEvent(all, unique)).toBe(a)
    expect(await runs.nextEvent(all, a)).toBe(b)
    expect(await runs.nextEvent(all, b)).toBe(recent)
    expect(await runs.nextEvent(all, `${unique}z`)).toBeNull()
    for (const eventId of [closed, ended]) {
      const one = { eventId, startedAt: NOW }
      expect(await runs.countEvents(one)).toBe(1)
      expect(await runs.nextEvent(one, null)).toBe(eventId)
      expect(await runs.nextEvent(one, eventId)).toBeNull()
    }
    expect(await runs.countEvents({ eventId: 'evt_unknown', startedAt: NOW })).toBe(0)
    expect(await runs.nextEvent({ eventId: 'evt_unknown', startedAt: NOW }, null)).toBeNull()
  })
})

describeStores('The schedule of nightly runs', (bench) => {
  const due = { cron: '0 4 * * *', timezone: 'UTC', at: '2026-11-21T04:00:00.000Z' }
  const next = { ...due, at: '2026-11-22T04:00:00.000Z' }

  it('advances for the first process only', async () => {
    const { runSchedule } = bench.stores
    await bench.insert('storedValues', { key: 'another', value: { ...due }, updatedAt: NOW })
    expect(await runSchedule.read()).toBeNull()
    expect(await runSchedule.advance(due, next)).toBe(false)
    await runSchedule.save(due)
    expect(await runSchedule.read()).toEqual(due)
    expect(await runSchedule.advance(due, next)).toBe(true)
    expect(await runSchedule.advance(due, next)).toBe(false)
    expect(await runSchedule.read()).toEqual(next)
    await runSchedule.save({ ...due, cron: '0 5 * * *' })
    expect(await runSchedule.advance(due, next)).toBe(false)
    expect(await runSchedule.read()).toEqual({ ...due, cron: '0 5 * * *' })
    expect((await bench.rows('storedValues', { key: 'another' })).map(({ value }) => value)).toEqual([due])
  })
})
