import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { DriftItem } from '../../../../src/reconciliation/drift/drift-store.js'
import type { ReconciliationRun } from '../../../../src/reconciliation/run/run-store.js'
import { describeStores } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
type NewItem = Omit<DriftItem, 'createdAt'>

describeStores('The drift store', (bench) => {
  const addRun = async (dryRun = false) => {
    const { runs } = bench.stores
    const { id } = await runs.create({ id: newId('run'), trigger: 'CLI', dryRun, eventId: null, requestedBy: null })
    await runs.update(id, { state: 'SUCCEEDED', finishedAt: NOW })
    return id
  }
  const item = (runId: string, eventId: string, change: Partial<NewItem> = {}): NewItem => ({
    id: newId('dft'),
    runId,
    eventId,
    channel: 'LUMA',
    kind: 'MISSING_SALE',
    externalOrderId: 'o1',
    ledger: 1,
    platform: 2,
    corrected: false,
    detail: 'differs',
    ...change,
  })
  const add = async (...items: NewItem[]) => {
    await bench.stores.drifts.add(items)
    return items.map(({ id }) => id)
  }
  const idsOf = (items: readonly { id: string }[]) => items.map(({ id }) => id)

  it('keeps every value of an item', async () => {
    const [runId, eventId] = [await addRun(), newId('evt')]
    await bench.stores.drifts.add([])
    const items = [
      item(runId, eventId),
      item(runId, eventId, { kind: 'MODE_DRIFT', externalOrderId: null, ledger: 'OPEN', platform: 'WAITLIST_ONLY' }),
      item(runId, eventId, {
        kind: 'GATE_DRIFT',
        channel: null,
        ledger: { SAFETY: 3, UNALLOCATED: 7 },
        platform: null,
      }),
      item(runId, eventId, { kind: 'CAP_DRIFT', channel: 'MEETUP', ledger: null, platform: 0, corrected: true }),
    ]
    await add(...items)
    const stored = await bench.stores.drifts.ofRun(runId, 10)
    expect(stored).toEqual(items.map((added) => ({ ...added, createdAt: expect.any(Date) })))
  })

  it('lists the items of a run by ascending id, up to a limit, and counts all', async () => {
    const [runId, other, eventId] = [await addRun(), await addRun(), newId('evt')]
    const [a, b, c] = [item(runId, eventId), item(runId, newId('evt')), item(runId, eventId)]
    await add(c, a, item(other, eventId), b)
    const { drifts } = bench.stores
    expect(idsOf(await drifts.ofRun(runId, 2))).toEqual(idsOf([a, b]))
    expect(await drifts.countOfRun(runId)).toBe(3)
    expect(await drifts.ofRun('run_unknown', 2)).toEqual([])
    expect(await drifts.countOfRun('run_unknown')).toBe(0)
  })

  it('lists the items of an event from the newest id down, without dry runs', async () => {
    const [runId, later, dry, eventId] = [await addRun(), await addRun(), await addRun(true), newId('evt')]
    const [a, b, c] = await add(item(runId, eventId), item(later, eventId), item(runId, eventId))
    await add(item(dry, eventId), item(runId, newId('evt')))
    const { drifts } = bench.stores
    expect(idsOf(await drifts.newestOf(eventId, undefined, 10))).toEqual([c, b, a])
    expect(idsOf(await drifts.newestOf(eventId, c, 1))).toEqual([b])
    expect(await drifts.newestOf(eventId, a, 10)).toEqual([])
    expect(await drifts.newestOf('evt_unknown', undefined, 10)).toEqual([])
  })

  it('settles what a later run that compared the event has not left uncorrected at the channel', async () => {
    const { drifts } = bench.stores
    await bench.change('reconciliationRuns', {}, { dryRun: true })
    const [eventId, other] = [newId('evt'), newId('evt')]
    const since = NOW
    const luma = { id: 'luma', eventId, channel: 'LUMA', since } as const
    const gate = { id: 'gate', eventId, channel: null, since }
    const elsewhere = { id: 'elsewhere', eventId: other, channel: 'LUMA', since } as const
    const settled = async () => idsOf(await drifts.settled([luma, gate, elsewhere]))
    const addRunOf = async (change: Partial<ReconciliationRun>) => {
      const runId = await addRun()
      const later = new Date(NOW.getTime() + 1)
      await bench.change('reconciliationRuns', { id: runId }, { startedAt: later, eventId, ...change })
      return runId
    }
    await addRunOf({ startedAt: NOW })
    await addRunOf({ dryRun: true })
    await addRunOf({ state: 'FAILED' })
    expect(await settled()).toEqual([])
    const ofEvent = await addRunOf({})
    await add(item(ofEvent, eventId), item(ofEvent, eventId, { channel: null, kind: 'GATE_DRIFT', corrected: true }))
    expect(await settled()).toEqual(['gate'])
    const ofAll = await addRunOf({ eventId: null })
    await add(item(ofAll, other, { channel: 'MEETUP' }), item(ofAll, other))
    expect(await settled()).toEqual(['luma', 'gate'])
    await addRunOf({ eventId: null })
    expect(await settled()).toEqual(['luma', 'gate', 'elsewhere'])
    expect(await drifts.settled([])).toEqual([])
  })

  it('counts uncorrected items of one run and event per channel and kind', async () => {
    const [runId, other, eventId] = [await addRun(), await addRun(), newId('evt')]
    await add(
      item(runId, eventId),
      item(runId, eventId, { externalOrderId: 'o2' }),
      item(runId, eventId, { corrected: true }),
      item(runId, eventId, { kind: 'CAP_DRIFT' }),
      item(runId, eventId, { channel: null, kind: 'GATE_DRIFT' }),
      item(runId, newId('evt')),
      item(other, eventId),
    )
    const open = await bench.stores.drifts.countOpen(runId, eventId)
    expect(open).toHaveLength(3)
    expect(open).toEqual(
      expect.arrayContaining([
        { channel: 'LUMA', kind: 'MISSING_SALE', count: 2 },
        { channel: 'LUMA', kind: 'CAP_DRIFT', count: 1 },
        { channel: null, kind: 'GATE_DRIFT', count: 1 },
      ]),
    )
    expect(await bench.stores.drifts.countOpen(runId, 'evt_unknown')).toEqual([])
  })

  it('deletes uncorrected items of one run, of the events that remain', async () => {
    const [runId, other] = [await addRun(), await addRun()]
    const first = await add(item(runId, 'evt_1'), item(runId, 'evt_1', { corrected: true }))
    const [, corrected] = await add(item(runId, 'evt_2'), item(runId, 'evt_2', { corrected: true }))
    const [others] = await add(item(other, 'evt_2'))
    const { drifts } = bench.stores
    await drifts.deleteOpen(runId, 'evt_1')
    expect(idsOf(await drifts.ofRun(runId, 10))).toEqual([...first, corrected])
    await drifts.deleteOpen(runId, null)
    expect(idsOf(await drifts.ofRun(runId, 10))).toEqual([first[1], corrected])
    expect(idsOf(await drifts.ofRun(other, 10))).toEqual([others])
  })

  it('returns what each order was last reported with, without dry runs', async () => {
    const [runId, dry, eventId] = [await addRun(), await addRun(true), newId('evt')]
    const kind = 'UNKNOWN_TICKET_CLASS'
    const unsold = (externalOrderId: string, platform: number, change: Partial<NewItem> = {}) =>
      item(runId, eventId, { kind, externalOrderId, platform, ...change })
    await add(unsold('o1', 1), unsold('o1', 2), unsold('o2', 3), unsold('o3', 4))
    await add(
      unsold('o1', 91, { runId: dry }),
      unsold('o1', 92, { channel: 'MEETUP' }),
      unsold('o1', 93, { kind: 'MISSING_SALE' }),
      unsold('o1', 94, { eventId: newId('evt') }),
    )
    const { drifts } = bench.stores
    const subject = { eventId, channel: 'LUMA', kind } as const
    const reported = await drifts.lastReported(subject, ['o1', 'o2', 'o9'])
    expect(Object.fromEntries(reported)).toEqual({ o1: 2, o2: 3 })
    expect((await drifts.lastReported(subject, [])).size).toBe(0)
  })
})
