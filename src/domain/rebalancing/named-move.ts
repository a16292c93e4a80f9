import { DIRECT, type ChannelName } from '../channel.js'
import { UNALLOCATED, type Move } from './rebalance-view.js'

/** A move as shown to people: by platform, and by channel where an event has several on one platform. */
export interface NamedMove {
  from: ChannelName | typeof UNALLOCATED
  to: ChannelName
  /** Null: free units. DIRECT: direct sales. */
  fromChannelId: string | null
  toChannelId: string
  quantity: number
  /** Human-readable. */
  reason: string
}

/** `channels`: those of the event. A channel that is not among them is direct sales. */
export function namedMove(
  { from, to, quantity, reason }: Move,
  channels: readonly { id: string; platform: ChannelName }[],
): NamedMove {
  const platformOf = (id: string) => channels.find((channel) => channel.id === id)?.platform ?? DIRECT.id
  const free = from === UNALLOCATED
  return {
    from: free ? UNALLOCATED : platformOf(from),
    to: platformOf(to),
    fromChannelId: free ? null : from,
    toChannelId: to,
    quantity,
    reason,
  }
}
