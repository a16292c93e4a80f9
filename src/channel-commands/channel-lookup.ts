import { Injectable } from '@nestjs/common'
import { ChannelStore } from '../channels/channel-store.js'
import type { Channel } from '../domain/channel-record.js'
import { isPlatform } from '../domain/channel.js'
import { NotFound, StateConflict } from '../domain/errors.js'
import type { EventWithChannels } from '../stock/event-store.js'

/** A channel of an event, as of the transaction that has read it. Throws NotFound. */
export function channelIn({ channels }: Pick<EventWithChannels, 'channels'>, id: string): Channel {
  const channel = channels.find((known) => known.id === id)
  if (!channel) throw new NotFound('This event has no such channel.')
  return channel
}

/** Finds the channel that a request names. */
@Injectable()
export class ChannelLookup {
  constructor(private readonly channels: ChannelStore) {}

  /**
   * `name`: the id of a channel, or a platform on which the event has one attached channel. Throws NotFound, and
   * StateConflict where the platform alone is ambiguous.
   */
  async find(eventId: string, name: string): Promise<Channel> {
    const named = isPlatform(name) ? ({ platform: name, attached: true } as const) : { ids: [name] }
    const [channel, ...others] = await this.channels.matching(null, { eventId, ...named })
    if (!channel) throw new NotFound('This event has no such channel.')
    if (others.length > 0) throw new StateConflict(`The event has several channels on ${name}. Name one by its id.`)
    return channel
  }
}
