import { expect, it } from 'vitest'
import type { OnSaleSpan } from '../../../../src/rebalancing/on-sale-span-store.js'
import { describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const after = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)

describeStores('The store of on-sale spans', (bench) => {
  const openEvent = async (change: Parameters<typeof eventRow>[0] = {}) => {
    const event = eventRow(change)
    await bench.insert('events', event)
    return event.id
  }
  const span = (eventId: string, channelId: string, opened: number, closed: number | null = null): OnSaleSpan => ({
    eventId,
    channelId,
    openedAt: after(opened),
    closedAt: closed === null ? null : after(closed),
  })
  const insert = async (...spans: OnSaleSpan[]) => {
    for (const one of spans) await bench.insert('onSaleSpans', one)
    return spans
  }
  const stored = async (eventId: string) => {
    const rows = await bench.rows('onSaleSpans', { eventId })
    return rows.toSorted((a, b) => a.openedAt.getTime() - b.openedAt.getTime())
  }

  it('reads the newest spans of an event, the newest first, and of each channel the newest', async () => {
    const [eventId, other] = [await openEvent(), await openEvent()]
    const [first, direct, last] = await insert(
      span(eventId, 'a', 0, 1),
      span(eventId, 'DIRECT', 1, 9),
      span(eventId, 'a', 2),
      span(other, 'a', 3),
    )
    const { onSaleSpans } = bench.stores
    expect(await onSaleSpans.newest(eventId, 10)).toEqual([last, direct, first])
    expect(await onSaleSpans.newest(eventId, 2)).toEqual([last, direct])
    const latest = await onSaleSpans.latest(eventId)
    expect(latest.toSorted((a, b) => a.channelId.localeCompare(b.channelId))).toEqual([last, direct])
    const unknown = await openEvent()
    expect([await onSaleSpans.newest(unknown, 10), await onSaleSpans.latest(unknown)]).toEqual([[], []])
  })

  it('reads spans of one instant by the ids of their channels, whatever the order in which they were opened', async () => {
    const eventId = await openEvent()
    const [c, a, b] = await insert(span(eventId, 'c', 1), span(eventId, 'a', 1), span(eventId, 'b', 1))
    expect(await bench.stores.onSaleSpans.newest(eventId, 10)).toEqual([a, b, c])
    expect(await bench.stores.onSaleSpans.newest(eventId, 2)).toEqual([a, b])
  })

  it('opens a span once, and no second one while it is not closed', async () => {
    const eventId = await openEvent()
    const { onSaleSpans } = bench.stores
    const first = span(eventId, 'a', 0)
    for (const one of [first, first, span(eventId, 'a', 1), { ...first, closedAt: after(5) }])
      await onSaleSpans.open(one)
    expect(await stored(eventId)).toEqual([first])
    const past = span(eventId, 'a', -3, -2)
    await onSaleSpans.open(past)
    const other = span(eventId, 'b', 2)
    await onSaleSpans.open(other)
    expect(await stored(eventId)).toEqual([past, first, other])
    await expect(onSaleSpans.open(span(eventId, 'a', -5, -6))).rejects.toThrow()
  })

  it('closes the given span once, and not before it opened', async () => {
    const eventId = await openEvent()
    const [a, b] = await insert(span(eventId, 'a', 0), span(eventId, 'b', 0))
    const { onSaleSpans } = bench.stores
    if (!a || !b) throw new Error('not inserted')
    await expect(onSaleSpans.close(a, after(-1))).rejects.toThrow()
    await onSaleSpans.close({ ...a, openedAt: after(1) }, after(2))
    expect(await stored(eventId)).toEqual(expect.arrayContaining([a, b]))
    await onSaleSpans.close(a, after(2))
    await onSaleSpans.close(a, after(3))
    const closed = { ...a, closedAt: after(2) }
    expect(await stored(eventId)).toEqual(expect.arrayContaining([closed, b]))
    const next = span(eventId, 'a', 4)
    await onSaleSpans.open(next)
    expect(await onSaleSpans.newest(eventId, 1)).toEqual([next])
  })

  it('closes the spans of stopped events at the first stop, and not before they opened', async () => {
    const events = {
      onSale: await openEvent(),
      paused: await openEvent({ pausedSince: after(5) }),
      alarmed: await openEvent({ redAlarmSince: after(3), pausedSince: after(4), closedSince: after(5) }),
      closed: await openEvent({ closedSince: after(-1) }),
    }
    const ids = Object.values(events)
    await insert(...ids.flatMap((id) => [span(id, 'a', 0), span(id, 'b', 0, 1)]))
    await bench.stores.onSaleSpans.closeStopped()
    const closings = async (eventId: string) => {
      const rows = await stored(eventId)
      return new Map(rows.map(({ channelId, closedAt }) => [channelId, closedAt]))
    }
    const closedAt = [null, after(5), after(3), after(0)]
    for (const [index, id] of ids.entries()) {
      expect((await closings(id)).get('a')).toEqual(closedAt[index])
      expect((await closings(id)).get('b')).toEqual(after(1))
    }
  })
})
