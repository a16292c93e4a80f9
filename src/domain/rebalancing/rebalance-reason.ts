import type { ChannelName } from '../channel.js'

interface Side {
  platform: ChannelName
  /** Tickets per hour. */
  velocity: number
  /** Tickets left before the move. */
  left: number
}

/** Human-readable reason of a move: donor and receiver, with velocity and tickets left of both, donor first. */
export function reasonOf(from: Side | null, to: Side, quantity: number): string {
  const received = `${nameOf(to.platform)} +${quantity}`
  if (!from) return `Unallocated -${quantity} -> ${received}: ${pace(to)}/h, ${to.left} left`
  const donated = `${nameOf(from.platform)} -${quantity}`
  return `${donated} -> ${received}: ${pace(from)}/h against ${pace(to)}/h, ${from.left} left against ${to.left}`
}

function pace({ velocity }: Side): string {
  return velocity >= 100 ? velocity.toFixed(0) : velocity.toFixed(1)
}

/** `EVENTBRITE` as "Eventbrite". */
function nameOf(platform: ChannelName): string {
  return platform.charAt(0) + platform.slice(1).toLowerCase()
}
