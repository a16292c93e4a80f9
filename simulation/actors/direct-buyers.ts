import { holdAccounts, originOf, returnPostings, salePostings } from '../../src/domain/hold.js'
import { newId } from '../../src/infrastructure/ids.js'
import { EventStore } from '../../src/stock/event-store.js'
import { mayPlatformsSellFreeUnits } from '../../src/channels/channel-state.js'
import { Stock } from '../../src/stock/stock.js'
import { SystemMode } from '../../src/system-mode/system-mode.js'
import type { Movement } from '../../src/domain/stock/posting.js'
import type { BuyerAction } from '../scenario/actions.js'
import type { World } from '../world/world.js'

type HoldAction = Extract<BuyerAction, { kind: 'hold' }>

/**
 * Holds tickets directly and resolves the hold later, with the postings of a hold and under the same conditions. A buyer
 * whose request fails repeats it with the same id, as clients do, until the run ends.
 */
export function holdTickets(world: World, action: HoldAction): void {
  const eventId = world.events[action.event]?.id
  if (eventId === undefined) return
  const hold = { id: newId('hold'), eventId, quantity: action.quantity }
  const work = async () => {
    const taken = await repeat(world, `hold ${action.quantity}`, () => takeUnits(world, hold))
    if (!taken) return
    await world.time.sleep(action.afterMs)
    await repeat(world, `${action.outcome} ${action.quantity}`, () => resolve(world, hold, action.outcome, taken))
  }
  world.background(work())
}

interface Hold {
  id: string
  eventId: string
  quantity: number
}

const RETRY_MS = 1_000
const ATTEMPTS = 600

/** Null: refused permanently, or given up. */
async function repeat<T>(world: World, what: string, request: () => Promise<T | null>): Promise<T | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const result = await request()
      world.trace.add(`${what}: ${result === null ? 'refused' : 'done'}`)
      return result
    } catch {
      await world.time.sleep(RETRY_MS)
    }
  }
  world.trace.add(`${what}: given up`)
  return null
}

function takeUnits(world: World, { id, eventId, quantity }: Hold): Promise<Movement[] | null> {
  const process = world.processes.any()
  process.get(SystemMode).assertAdmitting()
  return process.get(Stock).transact(eventId, async (tx) => {
    const event = await process.get(EventStore).withChannels(tx.transaction, eventId)
    if (event.pausedSince || event.closedSince) return null
    const free = !mayPlatformsSellFreeUnits(event.channels, tx.balances) && event.redAlarmSince === null
    return tx.post({
      id: `hold:${id}:taken`,
      postings: [{ quantity, sources: holdAccounts('DIRECT', free), destination: 'HELD' }],
      reason: 'held',
      actor: 'buyer',
      onInsufficient: 'skip',
    })
  })
}

function resolve(
  world: World,
  { id, eventId, quantity }: Hold,
  outcome: HoldAction['outcome'],
  taken: readonly Movement[],
): Promise<Movement[] | null> {
  const postings = outcome === 'confirm' ? salePostings(quantity) : returnPostings(originOf(taken))
  const request = { id: `hold:${id}:${outcome}`, postings, reason: `hold ${outcome}`, actor: 'buyer' }
  return world.processes
    .any()
    .get(Stock)
    .transact(eventId, (tx) => tx.post({ ...request, onInsufficient: 'rebuild' }))
}
