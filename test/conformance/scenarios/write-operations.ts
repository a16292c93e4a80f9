import type { ListingTruth } from '../../../simulators/kit/index.js'
import type { CallContext, ConfirmedState, Outcome } from '../../../src/platforms/port.js'
import { GROW, PROTECT, type Bench } from '../adapter-under-test.js'
import { require, requireFutureRetry, requireSoundWrite, sellsMore, valueOf } from '../contract.js'

/** A write of the port, from a listing with a confirmed cap of 20. */
export interface WriteOperation {
  name: string
  /** Orders of these sizes are sold before. */
  sold: readonly number[]
  /** Whether the listing is closed before. */
  closed?: boolean
  perform(bench: Bench, context?: CallContext): Promise<Outcome<ConfirmedState>>
  /** Whether the listing is in the requested state. */
  reached(truth: ListingTruth): boolean
}

export const CAP = 20

const isCap = (cap: number) => (truth: ListingTruth) => truth.capacity === cap && truth.onSale
const isClosed = (truth: ListingTruth) => !sellsMore(truth)

export const WRITE_OPERATIONS: readonly WriteOperation[] = [
  {
    name: 'raising the cap',
    sold: [2, 2],
    perform: (bench, context = GROW) => bench.adapter.writeCap(bench.current(), 30, context),
    reached: isCap(30),
  },
  {
    name: 'lowering the cap',
    sold: [2, 2],
    perform: (bench, context = PROTECT) => bench.adapter.writeCap(bench.current(), 12, context),
    reached: isCap(12),
  },
  {
    name: 'writing the same cap',
    sold: [1],
    perform: (bench, context = PROTECT) => bench.adapter.writeCap(bench.current(), CAP, context),
    reached: isCap(CAP),
  },
  {
    name: 'lowering the cap below the tickets sold',
    sold: [4, 4],
    perform: (bench, context = PROTECT) => bench.adapter.writeCap(bench.current(), 5, context),
    reached: isClosed,
  },
  {
    name: 'closing',
    sold: [2, 2],
    perform: (bench, context = PROTECT) => bench.adapter.setMode(bench.current(), 'WAITLIST_ONLY', 4, context),
    reached: isClosed,
  },
  {
    name: 'closing with an outdated count',
    sold: [2, 2, 3],
    perform: (bench, context = PROTECT) => bench.adapter.setMode(bench.current(), 'WAITLIST_ONLY', 4, context),
    reached: isClosed,
  },
  {
    name: 'closing with nothing sold',
    sold: [],
    perform: (bench, context = PROTECT) => bench.adapter.setMode(bench.current(), 'WAITLIST_ONLY', 0, context),
    reached: isClosed,
  },
  {
    name: 'opening',
    sold: [2, 2],
    closed: true,
    perform: (bench, context = GROW) => bench.adapter.setMode(bench.current(), 'OPEN', 15, context),
    reached: isCap(15),
  },
  {
    name: 'opening with nothing sold',
    sold: [],
    closed: true,
    perform: (bench, context = GROW) => bench.adapter.setMode(bench.current(), 'OPEN', 15, context),
    reached: isCap(15),
  },
]

/** The listing as imported and driven by the service, with a confirmed cap. */
export async function prepare(bench: Bench, { sold, closed = false }: WriteOperation): Promise<void> {
  valueOf(await bench.adapter.readChannel(bench.current(), PROTECT))
  bench.acknowledge(valueOf(await bench.adapter.writeCap(bench.current(), CAP, PROTECT)).cap)
  bench.sell(...sold)
  if (!closed) return
  const taken = sold.reduce((sum, tickets) => sum + tickets, 0)
  bench.acknowledge(valueOf(await bench.adapter.setMode(bench.current(), 'WAITLIST_ONLY', taken, PROTECT)).cap)
  bench.pass()
}

/** Performs the operation and checks its outcome once nothing can take effect any more. */
export async function performSoundly(
  bench: Bench,
  { perform }: Pick<WriteOperation, 'perform'>,
  context?: CallContext,
) {
  const before = bench.truth()
  const outcome = await perform(bench, context)
  requireFutureRetry(outcome, bench.stage.clock.now())
  const unused = bench.simulator.faults.list()
  await bench.settle()
  const after = bench.truth()
  requireSoundWrite({ outcome, before, after, responsesLost: lostResponses(bench), exact: !wasRefused(bench) })
  if (outcome.kind === 'OK') bench.acknowledge(outcome.value.cap)
  return { outcome, before, after, unused }
}

/** Whether any write of this bench got no usable response. */
function lostResponses(bench: Bench): boolean {
  return bench
    .calls()
    .some(({ kind, status, fault }) => kind === 'write' && (status === 0 || status >= 500 || fault === 'malformed'))
}

/** Whether any call of this bench was refused as invalid. */
function wasRefused(bench: Bench): boolean {
  return bench.calls().some(({ fault }) => fault === 'refusal')
}

/** How often the service has to repeat a write of unknown outcome at most. */
const MAX_ATTEMPTS = 2

/** Repeated without faults, a write reaches the requested state. */
export async function requireRecovery(bench: Bench, operation: WriteOperation): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const { outcome, after } = await performSoundly(bench, operation)
    if (outcome.kind === 'OK' && operation.reached(after)) return
  }
  require(false, `${operation.name} does not succeed after the fault`, bench.truth())
}
