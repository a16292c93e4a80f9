import { expect, it } from 'vitest'
import { newChannelRow } from '../../../../src/adapters/memory/channels/new-channel-row.js'
import { environmentConnectionId } from '../../../../src/domain/connection-record.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import { describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)

describeStores('The contents store', (bench) => {
  const channel = async (imported = true, event: object = {}) => {
    const row = eventRow({ startsAt: at(60), ...event })
    await bench.insert('events', row)
    const id = newId('chn')
    const listing = {
      id,
      platform: 'LUMA',
      connectionId: environmentConnectionId('LUMA'),
      externalEventId: id,
    } as const
    const created = newChannelRow(row.id, listing, NOW)
    await bench.insert('channels', { ...created, importedAt: imported ? NOW : null })
    return id
  }
  const dueReads = async (now = NOW) => bench.stores.contents.dueReads(now, 100)

  it('lists what is to be read: of imported channels of live events, what was never read first', async () => {
    const [read, unread, failed] = [await channel(), await channel(), await channel()]
    const [notImported, ended] = [await channel(false), await channel(true, { startsAt: at(-60 * 24 * 9) })]
    await bench.stores.contents.update(null, read, { title: 'A', readAt: NOW, nextReadAt: at(10) })
    await bench.stores.contents.update(null, failed, { readFailure: 'UNAVAILABLE', nextReadAt: at(5) })
    const ours = (ids: string[]) => ids.filter((id) => [read, unread, failed, notImported, ended].includes(id))
    expect(ours(await dueReads())).toEqual([unread])
    expect(new Set(ours(await dueReads(at(5))))).toEqual(new Set([unread, failed]))
    expect(ours(await dueReads(at(10))).at(-1)).toBe(read)
    expect(await bench.stores.contents.dueReads(at(10), 1)).toHaveLength(1)
  })

  it('reads a reported change early, but not again within ten minutes', async () => {
    const [id, other] = [await channel(), await channel()]
    await bench.stores.contents.update(null, id, { readAt: NOW, nextReadAt: at(24 * 60) })
    await bench.stores.contents.noteChange([id, other], at(1))
    expect(await bench.stores.contents.of([id, other])).toMatchObject([{ channelId: id, nextReadAt: at(10) }])
    await bench.stores.contents.noteChange([id], at(30))
    expect(await bench.stores.contents.of([id])).toMatchObject([{ nextReadAt: at(10) }])
  })

  it('keeps the last request of a listing, and its result', async () => {
    const [id, other] = [await channel(), await channel()]
    const request = (requestId: string, due: Date) =>
      bench.stores.transactions.run((transaction) =>
        bench.stores.contents.update(transaction, id, {
          requestId,
          task: { kind: 'WRITE', title: requestId },
          taskState: 'PENDING',
          taskAttempts: 0,
          taskRequestedAt: NOW,
          taskDueAt: due,
        }),
      )
    await bench.stores.contents.update(null, id, { title: 'A', venue: 'B', readAt: NOW, nextReadAt: at(9) })
    await request('first', NOW)
    await request('second', at(1))
    const due = async (now: Date) =>
      (await bench.stores.contents.dueTasks(now, 10)).filter((one) => one.channelId === id)
    expect(await due(NOW)).toEqual([])
    const pending = { title: 'A', venue: 'B', requestId: 'second', task: { kind: 'WRITE', title: 'second' } }
    expect(await due(at(1))).toMatchObject([pending])
    const done = { taskState: 'DONE', taskDueAt: null, taskEndedAt: at(2) } as const
    expect(await bench.stores.contents.updateTask(id, 'first', done)).toBe(false)
    expect(await bench.stores.contents.updateTask(other, 'second', done)).toBe(false)
    expect(await bench.stores.contents.updateTask(id, 'second', done)).toBe(true)
    expect(await due(at(9))).toEqual([])
    expect(await bench.stores.contents.of([id])).toMatchObject([{ ...pending, ...done, startsAt: null }])
  })
})
