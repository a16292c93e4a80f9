import { beforeEach, expect, it } from 'vitest'
import type { ModePlan, StoredMode } from '../../../../src/system-mode/mode-store.js'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const NORMAL: Partial<StoredMode> = {
  mode: 'NORMAL',
  forced: false,
  recoveryStep: null,
  redisIdentity: null,
  redisCanary: null,
  budgetHolder: null,
}

describeStores('The mode store', (bench) => {
  const change = (plan: ModePlan | null, onChange?: Parameters<typeof bench.stores.mode.change>[0]['onChange']) =>
    bench.stores.mode.change({ reason: 'Redis is gone', actor: 'ada', planFor: () => plan, onChange })
  const fields = (data: Partial<StoredMode>): ModePlan => ({ data, cause: null, needsSweep: false })
  const addChannel = async (event: Parameters<typeof eventRow>[0] = {}, channel: Partial<StoredChannel> = {}) => {
    const row = eventRow({ startsAt: new Date(Date.now() + 86_400_000), ...event })
    const added = channelRow(row.id, channel)
    await bench.insert('events', row)
    await bench.insert('channels', added)
    return added.id
  }
  type StoredChannel = ReturnType<typeof channelRow>
  const sweepOf = async (id: string) => (await bench.rows('channels', { id }))[0]?.needsSweepSince

  beforeEach(() => change(fields(NORMAL)))

  it('starts in normal mode, and returns the row before and after a change', async () => {
    const before = await bench.stores.mode.read()
    expect(before).toMatchObject(NORMAL)
    const since = new Date('2026-11-20T12:00:00.000Z')
    const data = { mode: 'FAIL_SAFE', forced: true, since, round: before.round + 1 } as const
    const result = await change(fields(data))
    expect(result).toEqual({ before, after: { ...before, ...data } })
    expect(await bench.stores.mode.read()).toEqual(result.after)
  })

  it('changes nothing without a plan', async () => {
    const before = await bench.stores.mode.read()
    const transitions = (await bench.rows('modeTransitions')).length
    const unexpected = async () => expect.unreachable('nothing has changed')
    expect(await change(null, unexpected)).toEqual({ before, after: before })
    expect(await bench.rows('modeTransitions')).toHaveLength(transitions)
  })

  it('records a transition with its cause, reason and actor', async () => {
    const transitions = (await bench.rows('modeTransitions')).length
    await change({ ...fields({ mode: 'FAIL_SAFE' }), cause: 'redis' })
    await change(fields({ reason: 'still gone' }))
    const rows = await bench.rows('modeTransitions')
    expect(rows).toHaveLength(transitions + 1)
    const expected = { mode: 'FAIL_SAFE', forced: false, cause: 'redis', reason: 'Redis is gone', actor: 'ada' }
    expect(rows.at(-1)).toMatchObject(expected)
  })

  it('rolls everything back when the follow-up of a change throws', async () => {
    const id = await addChannel()
    const before = await bench.stores.mode.read()
    const plan: ModePlan = { data: { mode: 'FAIL_SAFE' }, cause: 'redis', needsSweep: true }
    const failing = change(plan, async () => Promise.reject(new Error('rolled back')))
    await expect(failing).rejects.toThrow('rolled back')
    expect(await bench.stores.mode.read()).toEqual(before)
    expect(await sweepOf(id)).toBeNull()
  })

  it('marks the attached channels of open events for a sweep', async () => {
    const onSale = await addChannel()
    const others = await Promise.all([
      addChannel({ closedSince: new Date() }),
      addChannel({ startsAt: new Date(Date.now() - 10 * 86_400_000) }),
      addChannel({}, { detachedAt: new Date() }),
    ])
    await change({ ...fields({ mode: 'FAIL_SAFE' }), needsSweep: true })
    expect(await sweepOf(onSale)).toBeInstanceOf(Date)
    for (const id of others) expect(await sweepOf(id)).toBeNull()
    expect(await bench.stores.mode.markForSweep()).toBe(0)
  })

  it('advances a recovery of the current round, unless the mode is forced', async () => {
    const { mode } = bench.stores
    await change(fields({ mode: 'FAIL_SAFE', round: 7 }))
    expect(await mode.advance(6, 'DRAIN')).toBe(false)
    expect(await mode.advance(7, 'DRAIN')).toBe(true)
    expect((await mode.read()).recoveryStep).toBe('DRAIN')
    await change(fields({ forced: true }))
    expect(await mode.advance(7, 'SWEEP')).toBe(false)
    await change(fields({ forced: false, mode: 'NORMAL' }))
    expect(await mode.advance(7, 'SWEEP')).toBe(false)
    expect((await mode.read()).recoveryStep).toBe('DRAIN')
  })

  it('records which process has the whole limits of the platforms', async () => {
    const { mode } = bench.stores
    await mode.recordBudgetHolder('instance-1')
    await mode.recordBudgetHolder('instance-2')
    expect((await mode.read()).budgetHolder).toBe('instance-2')
  })

  it('records a rebuild only on top of the rebuild that was read', async () => {
    const { mode } = bench.stores
    const before = await mode.read()
    expect(await mode.recordRebuild(before, 'redis-1', 'canary-1')).toBe(true)
    expect(await mode.recordRebuild(before, 'redis-2', 'canary-2')).toBe(false)
    expect(await mode.read()).toMatchObject({ redisIdentity: 'redis-1', redisCanary: 'canary-1' })
  })
})
