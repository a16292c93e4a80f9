import type { FaultAction } from '../scenario/actions.js'
import { DATABASE_DOWN, lostResults } from '../world/conditions.js'
import type { World } from '../world/world.js'

/** Breaks something, and repairs it after the action's time. */
export function breakPart(world: World, action: FaultAction): void {
  const { redis, processes, databaseConditions, redisConditions } = world
  const forTime = (forMs: number, end: () => void) => void world.time.after(forMs, end)
  switch (action.kind) {
    case 'kill-process': {
      const { process, afterSteps: steps, moment, restartAfterMs } = action
      return processes.kill(process, { steps, moment }, restartAfterMs)
    }
    case 'pause-process':
      return processes.pause(action.process, action)
    case 'connections-lost':
      return processes.dropConnections(action.process, action.noticedAfterMs)
    case 'redis-outage':
      return forTime(action.forMs, redisConditions.begin(action.outage))
    case 'redis-unreachable':
      return forTime(action.forMs, redisConditions.begin(action.outage, action.process))
    case 'redis-lost':
      return redis.lose()
    case 'redis-failed-over':
      return redis.failOver(null)
    case 'redis-rolled-back': {
      const received = redis.snapshot()
      return forTime(action.afterMs, () => redis.failOver(received))
    }
    case 'database-down': {
      for (let slot = 0; slot < world.scenario.processes; slot++) processes.dropConnections(slot, 0)
      return forTime(action.forMs, databaseConditions.begin(DATABASE_DOWN))
    }
    case 'database-unreachable':
      return forTime(action.forMs, databaseConditions.begin(DATABASE_DOWN, action.process))
    case 'lost-results':
      return forTime(action.forMs, databaseConditions.begin(lostResults(action.share), action.process))
    case 'clock-jump':
      return processes.jumpWallClock(action.process, action.byMs)
    case 'platform-faults': {
      const { knobs } = world.simulators[action.platform]
      const before = Object.fromEntries(
        Object.keys(action.knobs).map((knob) => [knob, knobs.current[knob as keyof typeof knobs.current]]),
      )
      knobs.patch(action.knobs)
      return forTime(action.forMs, () => void knobs.patch(before))
    }
    case 'oversell': {
      const listing = world.listings[action.listing]
      if (!listing) return
      listing.simulator.listings.setCapacity(listing.ref, action.tickets)
      return world.changed(listing.platform)
    }
    case 'credentials-revoked':
      return world.connections.revoke(action.platform)
    case 'payment-faults':
      return forTime(action.forMs, world.payments.begin(action))
    case 'scripted-fault':
      world.simulators[action.platform].faults.inject(action.fault)
  }
}
