import { beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { DatabaseTransaction } from '../../../../src/infrastructure/transaction.js'
import type { EligibleFilter, EntryState, WaitlistEntry } from '../../../../src/waitlist/waitlist-store.js'
import { channelRow, describeStores, eventRow, holdRow } from '../../../support/fixtures/store-bench.js'

const JOINED = new Date('2026-11-20T12:00:00.000Z')
const VERIFIED = new Date('2026-11-20T12:30:00.000Z')
const LATER = new Date('2026-11-20T13:00:00.000Z')
const ANY_ELIGIBLE: EligibleFilter = { verifiedOnly: true, maxQuantity: 100, limit: 100 }
const ids = (entries: readonly { id: string }[]) => entries.map(({ id }) => id)

describeStores('The waitlist store', (bench) => {
  let eventId: string

  async function newEvent(change: Parameters<typeof eventRow>[0] = {}): Promise<string> {
    const event = eventRow(change)
    await bench.insert('events', event)
    return event.id
  }

  beforeAll(async () => {
    eventId = await newEvent()
  })

  const inTransaction = <T>(work: (transaction: DatabaseTransaction) => Promise<T>) =>
    bench.stores.transactions.run(work)

  async function offeredHold(): Promise<string> {
    const hold = holdRow(eventId, { quantity: 2, expiresAt: LATER })
    await bench.insert('holds', hold)
    return hold.id
  }

  /** Joins as the service does, and confirms the address. */
  async function join(email: string, at = JOINED, event = eventId, quantity = 2): Promise<WaitlistEntry> {
    const entry = await joinUnverified(email, at, event, quantity)
    await bench.stores.waitlist.verify(entry.id, VERIFIED)
    return { ...entry, verifiedAt: VERIFIED }
  }

  async function joinUnverified(email: string, at = JOINED, event = eventId, quantity = 2): Promise<WaitlistEntry> {
    const entry = { id: newId('wle'), eventId: event, name: 'Ada', email, quantity, createdAt: at }
    const seq = await inTransaction((transaction) => bench.stores.waitlist.add(transaction, entry))
    return { ...entry, seq, state: 'WAITING', holdId: null, verifiedAt: null, offeredAt: null, settledAt: null }
  }

  const offer = (id: string, holdId: string, at = LATER) =>
    inTransaction((transaction) => bench.stores.waitlist.offer(transaction, id, holdId, at))

  /** An entry that has received an offer and is now in this state. */
  async function offered(email: string, state: EntryState, event = eventId, at = LATER): Promise<WaitlistEntry> {
    const entry = await join(email, JOINED, event)
    await offer(entry.id, await offeredHold(), at)
    await bench.change('waitlistEntries', { id: entry.id }, { state })
    return entry
  }

  const eligible = (event: string, filter: Partial<EligibleFilter> = {}) =>
    inTransaction(async (transaction) =>
      ids(await bench.stores.waitlist.lockEligible(transaction, event, { ...ANY_ELIGIBLE, ...filter })),
    )

  it('reads what an event allows those who join', async () => {
    const { waitlist } = bench.stores
    const { name, venue, startsAt, timezone } = eventRow()
    const event = await newEvent({ maxHeldPerCustomer: 4 })
    const closed = await newEvent({ closedSince: JOINED })
    await inTransaction(async (transaction) => {
      const terms = { name, venue, startsAt, timezone }
      expect(await waitlist.joinTerms(transaction, event)).toEqual({ ...terms, closed: false, maxHeldPerCustomer: 4 })
      expect(await waitlist.joinTerms(transaction, closed)).toEqual({
        ...terms,
        closed: true,
        maxHeldPerCustomer: null,
      })
      expect(await waitlist.joinTerms(transaction, 'evt_none')).toBeNull()
    })
  })

  it('counts positions of waiting and offered entries, in the transaction that appends one too', async () => {
    const event = await newEvent()
    const { waitlist } = bench.stores
    const first = await join('a@example.com', JOINED, event)
    const second = await join('b@example.com', JOINED, event)
    await join('c@example.com')
    await offer(first.id, await offeredHold())
    expect(await waitlist.position(null, event, second.seq)).toBe(2)
    const position = await inTransaction(async (transaction) => {
      const row = {
        id: newId('wle'),
        eventId: event,
        name: 'C',
        email: 'c@example.com',
        quantity: 1,
        createdAt: JOINED,
      }
      return waitlist.position(transaction, event, await waitlist.add(transaction, row))
    })
    expect(position).toBe(3)
    expect(await waitlist.leave(second.id, 'WAITING', LATER)).toBe(true)
    expect(await waitlist.position(null, event, second.seq)).toBe(1)
  })

  it('lists entries in order with their holds, and finds one', async () => {
    const event = await newEvent()
    const { waitlist } = bench.stores
    const [first, second, third] = [
      await join('a@example.com', JOINED, event),
      await join('b@example.com', JOINED, event),
      await join('c@example.com', JOINED, event),
    ]
    const holdId = await offeredHold()
    await offer(second.id, holdId)
    const offeredEntry = { ...second, state: 'OFFERED', holdId, offeredAt: LATER }
    expect(await waitlist.list(event, {}, 2)).toEqual([
      { ...first, hold: null },
      { ...offeredEntry, hold: expect.objectContaining({ id: holdId, expiresAt: LATER }) },
    ])
    expect(ids(await waitlist.list(event, { after: second.seq }, 10))).toEqual([third.id])
    expect(ids(await waitlist.list(event, { state: 'WAITING' }, 10))).toEqual([first.id, third.id])
    expect(await waitlist.find(second.id)).toMatchObject({ ...offeredEntry, hold: { id: holdId, seats: [] } })
    expect(await waitlist.find('wle_none')).toBeNull()
  })

  it('ends an entry only in the expected state', async () => {
    const { waitlist } = bench.stores
    const { id } = await join('leaving@example.com')
    expect(await waitlist.leave(id, 'LAPSED', LATER)).toBe(false)
    expect(await waitlist.leave(id, 'WAITING', LATER)).toBe(true)
    expect(await waitlist.leave(id, 'WAITING', LATER)).toBe(false)
    expect(await waitlist.find(id)).toMatchObject({ state: 'LEFT', settledAt: LATER })
  })

  it('offers a hold to one entry only', async () => {
    const [first, second] = [await join('one@example.com'), await join('two@example.com')]
    const holdId = await offeredHold()
    await offer(first.id, holdId)
    await expect(offer(second.id, holdId)).rejects.toThrow()
    await expect(offer('wle_none', await offeredHold())).rejects.toThrow()
  })

  it('records the first verification of an address', async () => {
    const { waitlist } = bench.stores
    const { id } = await joinUnverified('verified@example.com')
    expect(await waitlist.find(id)).toMatchObject({ verifiedAt: null })
    await waitlist.verify(id, LATER)
    await waitlist.verify(id, new Date(LATER.getTime() + 1))
    await waitlist.verify('wle_none', LATER)
    expect(await waitlist.find(id)).toMatchObject({ verifiedAt: LATER })
  })

  it('deletes entries that were not verified in time and had no offer', async () => {
    const event = await newEvent()
    const { waitlist } = bench.stores
    const [old, recent, offeredOne, verified] = [
      await joinUnverified('old@example.com', JOINED, event),
      await joinUnverified('recent@example.com', LATER, event),
      await joinUnverified('offered@example.com', JOINED, event),
      await join('verified@example.com', JOINED, event),
    ]
    await offer(offeredOne.id, await offeredHold())
    expect(await waitlist.deleteUnverified(LATER)).toBeGreaterThanOrEqual(1)
    expect(await waitlist.find(old.id)).toBeNull()
    expect(ids(await waitlist.list(event, {}, 10))).toEqual([recent.id, offeredOne.id, verified.id])
  })

  it('counts the entries of an address since then, in any case', async () => {
    const event = await newEvent()
    await join('ada@example.com', JOINED, event)
    await join('ADA@example.com', LATER, event)
    await join('bob@example.com', LATER, event)
    const count = (email: string, since: Date) =>
      inTransaction((transaction) => bench.stores.waitlist.countOf(transaction, event, email, since))
    expect(await count('Ada@example.com', JOINED)).toBe(2)
    expect(await count('ada@example.com', LATER)).toBe(1)
    expect(await count('cem@example.com', JOINED)).toBe(0)
  })

  it('exchanges the places of queued entries', async () => {
    const event = await newEvent()
    const { waitlist } = bench.stores
    const [a, left, b, c] = [
      await join('a@example.com', JOINED, event),
      await join('left@example.com', JOINED, event),
      await join('b@example.com', JOINED, event),
      await join('c@example.com', JOINED, event),
    ]
    await waitlist.leave(left.id, 'WAITING', LATER)
    await inTransaction(async (transaction) => {
      expect(await waitlist.queue(transaction, event)).toEqual(
        [a, b, c].map(({ id, seq }) => ({ id, seq, state: 'WAITING' })),
      )
      await waitlist.reorder(transaction, [
        { id: c.id, seq: a.seq },
        { id: a.id, seq: b.seq },
        { id: b.id, seq: c.seq },
      ])
      await waitlist.reorder(transaction, [])
    })
    expect(ids(await waitlist.list(event, { state: 'WAITING' }, 10))).toEqual([c.id, a.id, b.id])
  })

  describe('eligible entries', () => {
    it('are verified, and wait for no more tickets than the limit', async () => {
      const event = await newEvent()
      const unverified = await joinUnverified('unverified@example.com', JOINED, event)
      const large = await join('large@example.com', JOINED, event, 3)
      const small = await join('small@example.com', JOINED, event, 2)
      expect(await eligible(event)).toEqual([large.id, small.id])
      expect(await eligible(event, { verifiedOnly: false })).toEqual([unverified.id, large.id, small.id])
      expect(await eligible(event, { limit: 1, maxQuantity: 2 })).toEqual([small.id])
      expect(await eligible(event, { limit: 1, maxQuantity: 1 })).toEqual([])
    })

    it('are those whose address has no open offer, and none since they joined', async () => {
      const event = await newEvent()
      const waiting = await join('Waiting@example.com', JOINED, event)
      await offered('open@example.com', 'OFFERED', event)
      await join('OPEN@example.com', LATER, event)
      await offered('bought@example.com', 'CONFIRMED', event)
      await join('bought@example.com', LATER, event)
      const again = await join('Bought@example.com', new Date(LATER.getTime() + 1), event)
      await offered('late@example.com', 'LAPSED', event)
      await join('late@example.com', JOINED, event)
      await offered('left@example.com', 'LEFT', event)
      const afterLeft = await join('left@example.com', JOINED, event)
      await offered('elsewhere@example.com', 'OFFERED')
      const elsewhere = await join('elsewhere@example.com', JOINED, event)
      const expected = [waiting.id, again.id, afterLeft.id, elsewhere.id]
      expect(await eligible(event)).toEqual(expected)
      expect(await eligible(event, { limit: 2 })).toEqual(expected.slice(0, 2))
    })

    it('that another transaction has locked are skipped, and come back after it', async () => {
      const event = await newEvent()
      const [first, second] = [await join('a@example.com', JOINED, event), await join('b@example.com', JOINED, event)]
      await inTransaction(async (transaction) => {
        expect(await bench.stores.waitlist.lock(transaction, event, first.id)).toEqual(first)
        expect(await eligible(event)).toEqual([second.id])
        expect(
          ids(await bench.stores.waitlist.lockEligible(transaction, event, { ...ANY_ELIGIBLE, limit: 1 })),
        ).toEqual([first.id])
      })
      expect(await eligible(event)).toEqual([first.id, second.id])
    })

    it('a lock waits for the one before it, and then reads what that has changed', async () => {
      const entry = await join('raced@example.com')
      const holdId = await offeredHold()
      let second: Promise<WaitlistEntry | null> = Promise.resolve(null)
      await inTransaction(async (transaction) => {
        await bench.stores.waitlist.lock(transaction, eventId, entry.id)
        second = inTransaction((other) => bench.stores.waitlist.lock(other, eventId, entry.id))
        await new Promise((resolve) => setTimeout(resolve, 50))
        await bench.stores.waitlist.offer(transaction, entry.id, holdId, LATER)
      })
      expect(await second).toMatchObject({ state: 'OFFERED', holdId })
      await inTransaction(async (transaction) => {
        expect(await bench.stores.waitlist.lock(transaction, 'evt_other', entry.id)).toBeNull()
        expect(await bench.stores.waitlist.lock(transaction, eventId, 'wle_none')).toBeNull()
      })
    })
  })

  describe('events to offer', () => {
    async function withStock(
      change: Parameters<typeof eventRow>[0],
      direct: number,
      unallocated: number,
      soldOutSince: Date | null = JOINED,
    ) {
      const startsAt = new Date(Date.now() + 30 * 86_400_000)
      const id = await newEvent({ startsAt, waitlistPolicy: 'AUTOMATIC', ...change })
      await bench.insert('ledgers', { eventId: id, epoch: 1, proofPosition: 0, proofHash: null, soldOutSince })
      const accounts = [
        { account: 'ALLOCATED:DIRECT', units: direct },
        { account: 'UNALLOCATED', units: unallocated },
        { account: 'CAPACITY', units: -direct - unallocated },
      ] as const
      await inTransaction((transaction) => bench.stores.ledger.writeBalances(transaction, id, accounts))
      return id
    }

    it('are open, not paused, and have free units of a sell-out or, in a red alarm, direct ones for an eligible entry', async () => {
      const red = { redAlarmSince: JOINED }
      const deciding = [
        await withStock({}, 1, 0),
        await withStock({}, 0, 1),
        await withStock({ waitlistPolicy: 'MANUAL' }, 5, 5),
        await withStock(red, 0, 1),
        await withStock(red, 2, 0, null),
      ]
      const forUnverified = await withStock(red, 1, 5, null)
      const others = [
        await withStock({}, 0, 0),
        await withStock({}, 5, 5, null),
        forUnverified,
        await withStock({ ...red, waitlistPolicy: 'MANUAL' }, 5, 5, null),
        await withStock({ pausedSince: JOINED }, 5, 5),
        await withStock({ closedSince: JOINED }, 5, 5),
        await withStock({ startsAt: new Date('2020-01-01T00:00:00.000Z') }, 5, 5),
      ]
      const withoutEntry = await withStock(red, 5, 5, null)
      await bench.insert('channels', channelRow(deciding[0] ?? ''))
      for (const id of [...deciding, ...others]) {
        await joinUnverified('unverified@example.com', JOINED, id, 1)
        await join('large@example.com', JOINED, id, 3)
        await join('small@example.com', JOINED, id, 2)
      }
      const found = await bench.stores.waitlist.eventsToOffer(true)
      expect(deciding.filter((id) => !found.includes(id))).toEqual([])
      expect([...others, withoutEntry].filter((id) => found.includes(id))).toEqual([])
      const withUnverified = await bench.stores.waitlist.eventsToOffer(false)
      expect([...deciding, forUnverified].filter((id) => !withUnverified.includes(id))).toEqual([])
    })

    it('remember a sell-out until it is ended', async () => {
      const [id, other] = [await withStock({}, 0, 0, null), await withStock({}, 0, 0, null)]
      const { ledger, waitlist } = bench.stores
      await inTransaction(async (transaction) => {
        expect(await waitlist.isSoldOut(transaction, id)).toBe(false)
        await ledger.markSoldOut(transaction, id, JOINED)
        await ledger.markSoldOut(transaction, id, LATER)
        expect(await waitlist.isSoldOut(transaction, id)).toBe(true)
        expect(await waitlist.isSoldOut(transaction, other)).toBe(false)
      })
      expect(await bench.rows('ledgers', { eventId: id })).toMatchObject([{ soldOutSince: JOINED }])
      await inTransaction(async (transaction) => {
        await waitlist.endSoldOut(transaction, id)
        await waitlist.endSoldOut(transaction, other)
        expect(await waitlist.isSoldOut(transaction, id)).toBe(false)
      })
    })
  })
})
