import type { ChannelName } from './channel.js'

const NAMES: Record<ChannelName, string> = {
  MEETUP: 'Meetup',
  EVENTBRITE: 'Eventbrite',
  LUMA: 'Luma',
  DIRECT: 'Direct',
}

interface Side {
  channel: ChannelName
  /** Tickets per hour. */
  velocity: number
  /** Tickets left before the move. */
  left: number
}

/** Why units move, for people: who gives and gets, and the velocity and the tickets left of both, giver first. */
export function reasonOf(from: Side | null, to: Side, quantity: number): string {
  const gets = `${NAMES[to.channel]} +${quantity}`
  if (!from) return `Unallocated -${quantity} -> ${gets}: ${pace(to)}/h, ${to.left} left`
  const gives = `${NAMES[from.channel]} -${quantity}`
  return `${gives} -> ${gets}: ${pace(from)}/h against ${pace(to)}/h, ${from.left} left against ${to.left}`
}

function pace({ velocity }: Side): string {
  return velocity >= 100 ? velocity.toFixed(0) : velocity.toFixed(1)
}
