import { soldTotal } from '../../../src/domain/stock/ledger-account.js'
import { EventStates } from '../../../src/events/event-states.js'
import { OPERATOR } from '../../../simulation/actors/operators.js'
import type { World } from '../../../simulation/world/world.js'

const CHECK_MS = 30_000

/**
 * A sold-out event stays closed when tickets are returned until an operator reopens it, which is no matter of the policy:
 * the organizer of the lab does so within half a minute.
 */
export function reopenWhenReturned(world: World): void {
  const check = () => {
    for (const { id } of world.events) {
      const event = world.database.events.get(null, id)
      if (event?.redAlarmSince && soldTotal(world.balancesOf(id)) < event.capacity) reopen(world, id)
    }
    world.time.after(CHECK_MS, check)
  }
  world.time.after(CHECK_MS, check)
}

/** Refused when tickets were sold in the meantime; the next check tries again. */
function reopen(world: World, eventId: string): void {
  const [process] = world.processes.ready()
  if (!process) return
  const change = process.get(EventStates).change(eventId, 'reopen', OPERATOR)
  world.background(
    change.then(
      () => world.trace.add('reopened'),
      (error: unknown) => world.trace.add(`not reopened: ${String(error)}`),
    ),
  )
}
