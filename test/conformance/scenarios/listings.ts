import type { Failure, Outcome } from '../../../src/platforms/port.js'
import { BULK, GROW, PROTECT, type Bench } from '../adapter-under-test.js'
import { require, requireSoundReading, valueOf } from '../contract.js'
import { listOrders, OrderRecord, requireAllOrders, requireCompleteList } from './order-list.js'
import type { Scenario } from './scenario.js'
import { CAP, performSoundly, prepare, WRITE_OPERATIONS } from './write-operations.js'

const source = (bench: Bench) => ({ adapter: bench.adapter, current: () => bench.current() })

async function requireExactReading(bench: Bench): Promise<void> {
  const reading = valueOf(await bench.adapter.readChannel(bench.current(), BULK))
  requireSoundReading(reading, bench.truth(), bench.stage.clock.now(), true)
}

function requireKind(outcome: Outcome<unknown>, ...kinds: (Failure['kind'] | 'OK')[]): void {
  require(kinds.includes(outcome.kind), `${kinds.join(' or ')} is expected`, outcome)
}

/** Every operation on a listing; each must fail in one of the given ways, and change nothing. */
async function requireAllFail(bench: Bench, reads: Failure['kind'][], writes: Failure['kind'][], eventId?: string) {
  const { adapter } = bench
  const listing = eventId === undefined ? bench.current() : bench.unknownListing(eventId)
  const before = bench.truth()
  requireKind(await adapter.readChannel(listing, BULK), ...reads)
  // An id that is not known at all: an order that is not found is no failure.
  const order = await adapter.getOrder(listing, '1', BULK)
  requireKind(order, ...reads, ...(eventId === undefined ? [] : (['OK'] as const)))
  require(order.kind !== 'OK' || order.value === null, 'an order of no listing is found', order)
  const list = await listOrders({ adapter, current: () => listing }, 'full', null)
  requireKind(list.end, ...reads)
  requireKind(await adapter.writeCap(listing, 5, PROTECT), ...writes)
  requireKind(await adapter.setMode(listing, 'WAITLIST_ONLY', 1, PROTECT), ...writes)
  requireKind(await adapter.setMode(listing, 'OPEN', 9, GROW), ...writes)
  await bench.settle()
  const after = bench.truth()
  require(JSON.stringify(before) === JSON.stringify(after), 'a failed operation changed the listing', { before, after })
}

const withoutFaults: Scenario[] = WRITE_OPERATIONS.map((operation) => ({
  name: `${operation.name}: confirms the state in force`,
  run: async (bench) => {
    await prepare(bench, operation)
    const { outcome, after } = await performSoundly(bench, operation)
    valueOf(outcome)
    require(operation.reached(after), `${operation.name} does not reach the requested state`, { outcome, after })
    await requireExactReading(bench)
  },
}))

const fenced: Scenario[] = WRITE_OPERATIONS.map((operation) => ({
  name: `${operation.name}: sends nothing once the write is outdated`,
  run: async (bench) => {
    await prepare(bench, operation)
    const sent = bench.calls().filter(({ kind }) => kind === 'write').length
    const fence = { beforeSend: () => Promise.resolve(false) }
    const outcome = await operation.perform(bench, { lane: 'protect', fence })
    requireKind(outcome, 'NOT_SENT')
    await bench.settle()
    require(bench.calls().filter(({ kind }) => kind === 'write').length === sent, 'an outdated write was sent')
  },
}))

const interrupted: Scenario[] = WRITE_OPERATIONS.flatMap((operation) =>
  [1, 2, 3].map((requests) => ({
    name: `${operation.name}: denies none of ${requests} requests that were sent before the write was outdated`,
    run: async (bench) => {
      await prepare(bench, operation)
      let left = requests
      const fence = { beforeSend: () => Promise.resolve(left-- > 0) }
      await performSoundly(bench, operation, { lane: 'protect', fence })
    },
  })),
)

const imports: Scenario[] = [null, 7].map((capacity) => ({
  name: `imports a listing ${capacity === null ? 'without a limit' : 'as its organizer left it'}`,
  capacity,
  run: async (bench) => {
    bench.sell(2, 3)
    await requireExactReading(bench)
    requireCompleteList(await listOrders(source(bench), 'full', null), bench.ref.ticketTypeId, bench.truth())
    const { outcome } = await performSoundly(bench, {
      perform: ({ adapter, current }) => adapter.writeCap(current.call(bench), 6, PROTECT),
    })
    valueOf(outcome)
    await requireExactReading(bench)
  },
}))

const lists: Scenario[] = [
  {
    name: 'lists all orders over several pages, also cancelled ones, and orders that move while it is read',
    capacity: 1_000,
    run: async (bench) => {
      const { listings } = bench.simulator
      const size = bench.stage.subject.pageSize
      const ids = bench.sell(...Array<number>(2 * size + 5).fill(1))
      const before = bench.truth()
      for (const id of ids.slice(0, 3)) listings.cancel(bench.ref, id)
      const list = await listOrders(source(bench), 'full', null, (page) => {
        if (page > 2) return
        bench.pass()
        const moved = ids[page * size - 2]
        if (moved) listings.touch(bench.ref, moved)
      })
      require(list.pages.length > 2, 'the list has a single page')
      const end = valueOf(list.end)
      const listed = new OrderRecord(bench.ref.ticketTypeId, list.pages)
      // An order may be missing only if the count shows that, and the next list of changes has it.
      const missing = bench.truth().sold - listed.liveTotal
      const { platformCount } = end
      require(missing <= 0 || (platformCount ?? 0) > listed.liveTotal, 'orders are missing unnoticed', { missing })
      const changed = await listOrders(source(bench), 'changed', list.cursor)
      listed.apply(changed.pages.flatMap(({ snapshots }) => snapshots))
      requireAllOrders(listed, bench.truth())
      require(before.sold > bench.truth().sold, 'nothing was cancelled')
    },
  },
  {
    name: 'shows the holders of tickets, and which are checked in on the platform',
    run: async (bench) => {
      const [checkedIn = '', other = ''] = bench.sell(2, 1)
      bench.simulator.listings.checkIn(bench.ref, checkedIn)
      bench.pass()
      const { pages, end } = await listOrders(source(bench), 'full', null)
      valueOf(end)
      const single = valueOf(await bench.adapter.getOrder(bench.current(), checkedIn, BULK))
      for (const snapshots of [pages.flatMap((page) => page.snapshots), single === null ? [] : [single]]) {
        for (const { orderId, tickets } of snapshots) {
          const isIn = orderId === checkedIn
          require(isIn || orderId === other, 'an order is listed that was never bought', orderId)
          for (const { live, details } of tickets.filter(({ live: isLive }) => isLive)) {
            require(Boolean(details?.holder?.name), 'a ticket has no holder', { orderId, live, details })
            require(Boolean(details?.checkedInAt) === isIn, 'a check-in is not shown as it is', { orderId, details })
          }
        }
        const shown = snapshots.filter(({ orderId }) => orderId === checkedIn).flatMap(({ tickets }) => tickets)
        require(shown.length === 2, 'the order that is checked in is not shown', snapshots)
      }
    },
  },
  {
    name: 'lists what changed since an earlier list',
    run: async (bench) => {
      const { ref, traits } = bench
      const [cancelled = '', kept = ''] = bench.sell(2, 3)
      const full = await listOrders(source(bench), 'full', null)
      valueOf(full.end)
      bench.pass(60_000)
      const [added = ''] = bench.sell(2)
      bench.simulator.listings.cancel(ref, cancelled)
      bench.simulator.listings.touch(ref, kept)
      bench.pass()
      const changed = await listOrders(source(bench), 'changed', full.cursor)
      valueOf(changed.end)
      const record = new OrderRecord(ref.ticketTypeId, [...full.pages, ...changed.pages])
      require(record.liveOf(added) === 2 && record.liveOf(kept) === 3, 'a change is missing', changed.pages)
      if (traits.changesIncludeCancellations) require(record.liveOf(cancelled) === 0, 'a cancellation is missing')
      const again = await listOrders(source(bench), 'full', null)
      requireCompleteList(again, ref.ticketTypeId, bench.truth())
    },
  },
  {
    name: 'counts open carts, and never as sold less than there is',
    run: async (bench) => {
      bench.sell(2)
      const cart = bench.simulator.listings.openCart(bench.ref, 3)
      require(cart !== null, 'no cart was opened')
      bench.pass()
      await requireExactReading(bench)
      bench.simulator.listings.completeCart(bench.ref, cart)
      bench.pass()
      await requireExactReading(bench)
      requireAllOrders(
        new OrderRecord(bench.ref.ticketTypeId, (await listOrders(source(bench), 'full', null)).pages),
        bench.truth(),
      )
    },
  },
  {
    name: 'confirms writes correctly while reads lag behind',
    run: async (bench) => {
      const [raise, lower] = WRITE_OPERATIONS
      if (!raise || !lower) return
      await prepare(bench, raise)
      bench.simulator.knobs.patch({ readLagMs: 30_000 })
      for (const operation of [raise, lower]) await performSoundly(bench, operation)
    },
  },
]

const unusable: Scenario[] = [
  {
    name: 'returns GONE for a listing that does not exist',
    run: (bench) => requireAllFail(bench, ['GONE'], ['GONE', 'REJECTED'], '999999999999'),
  },
  {
    name: 'never concludes from a cancelled listing that its orders are cancelled',
    run: async (bench) => {
      bench.sell(2, 3)
      const before = bench.truth()
      bench.simulator.listings.cancelEvent(bench.ref)
      bench.pass()
      const reading = await bench.adapter.readChannel(bench.current(), BULK)
      const state = reading.kind === 'OK' ? reading.value.listingState : reading.kind
      require(state === 'CANCELLED' || state === 'GONE', 'a cancelled listing is not recognized', reading)
      const list = await listOrders(source(bench), 'full', null)
      if (list.end.kind === 'OK') requireAllOrders(new OrderRecord(bench.ref.ticketTypeId, list.pages), before)
      else requireKind(list.end, 'GONE')
    },
  },
  {
    name: 'returns AUTH_FAILED for refused credentials',
    parts: { credential: 'refused' },
    run: (bench) => requireAllFail(bench, ['AUTH_FAILED'], ['AUTH_FAILED']),
  },
  {
    name: 'returns AUTH_FAILED without credentials, and makes no call',
    parts: { credential: null },
    run: async (bench) => {
      require(!bench.adapter.configured, 'an adapter without credentials counts as configured')
      await requireAllFail(bench, ['AUTH_FAILED'], ['AUTH_FAILED'])
      require(bench.calls().length === 0, 'an adapter without credentials calls the platform')
    },
  },
  {
    name: 'returns NOT_SENT for writes and UNAVAILABLE for reads without a connection',
    parts: { apiUrl: 'http://127.0.0.1:1' },
    // A write may start with a read.
    run: (bench) => requireAllFail(bench, ['UNAVAILABLE', 'NOT_SENT'], ['NOT_SENT', 'UNAVAILABLE']),
  },
]

export const SCENARIOS: readonly Scenario[] = [
  ...withoutFaults,
  ...fenced,
  ...interrupted,
  ...imports,
  ...lists,
  ...unusable,
]

/** The whole life of a listing, under one value of a toggle: nothing may contradict the truth, whatever fails. */
export function toggleScenario(
  name: string,
  value: unknown,
  { listIsReadable, capsTickets }: { listIsReadable: boolean; capsTickets: boolean },
): Scenario {
  const setUp: Scenario['run'] = async (bench) => {
    bench.simulator.toggles.patch({ [name]: value })
    const read = async () => {
      const reading = await bench.adapter.readChannel(bench.current(), BULK)
      if (listIsReadable) valueOf(reading)
      if (reading.kind === 'OK') requireSoundReading(reading.value, bench.truth(), bench.stage.clock.now())
    }
    const [first = '', second = ''] = bench.sell(...(capsTickets ? [2, 3] : [1, 1, 1, 1, 1]))
    await read()
    const list = await listOrders(source(bench), 'full', null)
    if (listIsReadable) requireCompleteList(list, bench.ref.ticketTypeId, bench.truth())
    else require(list.end.kind !== 'OK', 'a list that does not end is complete')
    bench.acknowledge(CAP)
    for (const operation of WRITE_OPERATIONS) {
      await performSoundly(bench, operation)
      await read()
    }
    bench.simulator.listings.cancel(bench.ref, first)
    bench.simulator.listings.touch(bench.ref, second)
    bench.pass()
    await read()
    if (!listIsReadable) return
    requireCompleteList(await listOrders(source(bench), 'full', null), bench.ref.ticketTypeId, bench.truth())
  }
  return { name: `${name}=${String(value)}`, run: setUp }
}
