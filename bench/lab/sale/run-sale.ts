import { useUuids } from '../../../src/infrastructure/ids.js'
import { seededUuids } from '../../../simulation/world/seeded-uuids.js'
import { watchUnhandledRejections } from '../../../simulation/run/unhandled-rejections.js'
import { World } from '../../../simulation/world/world.js'
import { sharesOf, type Shares } from '../demand/families.js'
import type { Trace } from '../demand/trace.js'
import { visit } from '../demand/visits.js'
import { NETWORK } from '../network.js'
import { allocationOf, weightsOf, type SimulatedPolicy } from '../policies.js'
import { FullCapacity } from './full-capacity.js'
import { attach, createMarket, type Market } from './market.js'
import { reopenWhenReturned } from './organizer.js'
import { Meter, type Measured } from './meter.js'
import { PlatformShop } from './platform-shop.js'
import type { SaleObserver } from './sale-observer.js'

/** What one policy made of one trace. */
export interface SaleResult extends Measured {
  /** Tickets sold in the sale by platform, without cancelled ones. */
  sold: Shares
  moves: number
  virtualMs: number
}

/** Until a process that was started is in service, ms. */
const STARTING_MS = 3_000
/** The organizer's own limit of a listing before the service sets one, tickets. */
const FOUND_CAP = 1

/** Plays one trace under one policy. The same arguments always give the same result. */
export async function runSale(
  trace: Trace,
  policy: SimulatedPolicy,
  observe: ((world: World, market: Market) => SaleObserver) | null = null,
): Promise<SaleResult> {
  const restore = useUuids(seededUuids(trace.seed))
  let rival: FullCapacity | null = null
  const world = await World.create(
    { seed: trace.seed, events: [], processes: 1, activeMs: trace.duration, actions: [] },
    {
      policy: allocationOf(policy),
      ...(policy === 'full-capacity' ? { post: async (webhook) => rival?.receive(webhook) ?? 0 } : {}),
    },
  )
  const unwatch = watchUnhandledRejections((error) => world.reportUnhandled(error))
  try {
    for (const { knobs } of Object.values(world.simulators)) knobs.patch(NETWORK)
    const market = await createMarket(world, trace, policy === 'full-capacity' ? trace.pool : FOUND_CAP)
    world.processes.start(0)
    await world.time.run(STARTING_MS)
    if (policy === 'full-capacity') {
      const [process] = world.processes.ready()
      if (!process) throw new Error('no process runs')
      rival = new FullCapacity(world, market, process)
      rival.start()
    } else await attach(world, trace, market, weightsOf(policy, trace))
    return await sell(world, trace, market, observe?.(world, market) ?? null)
  } finally {
    await world.close()
    unwatch()
    restore()
  }
}

async function sell(world: World, trace: Trace, market: Market, observer: SaleObserver | null): Promise<SaleResult> {
  const { time } = world
  const opening = time.ms()
  const meter = new Meter(world, market, (platform, entry) => observer?.changed(platform, entry))
  const shop = new PlatformShop(world, market, (platform, buyer) => observer?.refused(platform, buyer, meter.unsold))
  for (const buyer of trace.buyers) time.after(buyer.at, () => visit(shop, buyer))
  const { restart } = trace
  if (restart) time.after(restart.at, () => world.processes.kill(0, { steps: 0, moment: 'before' }, restart.downMs))
  reopenWhenReturned(world)
  let ended = false
  time.after(trace.duration, () => (ended = true))
  // Once nothing is left and nothing returns, every further buyer is refused.
  while (!ended && !(meter.isSoldOut && shop.mayStillReturn === 0)) {
    if (!(await time.step())) throw new Error('no timer is left')
    const [failure] = world.takeUnhandled()
    if (failure) throw new Error(failure.detail)
  }
  observer?.ended()
  const sold = sharesOf((platform) => meter.sold[platform] - market.soldBefore[platform])
  const moves = world.database.rebalanceMoves.where(null).length
  return { ...meter.measured, sold, moves, virtualMs: time.ms() - opening }
}
