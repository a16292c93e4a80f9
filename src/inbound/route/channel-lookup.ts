import type { ChannelStore } from '../../channels/channel-store.js'
import type { Platform } from '../../domain/channel.js'
import type { Channel } from '../../domain/channel-record.js'
import type { OrderStore } from '../../orders/order-store.js'

/** The channels of a listing: several where they sell its ticket types separately. */
export async function channelsOf(
  channels: ChannelStore,
  platform: Platform,
  externalEventId: string,
): Promise<Channel[]> {
  return channels.matching(null, { platform, externalEventIds: [externalEventId], attached: true })
}

/** The channels of the listings under which an order is recorded. */
export async function channelsSelling(
  { channels, orders }: { channels: ChannelStore; orders: OrderStore },
  platform: Platform,
  externalOrderId: string,
): Promise<Channel[]> {
  const externalEventIds = await orders.listingsOf(platform, externalOrderId)
  if (externalEventIds.length === 0) return []
  return channels.matching(null, { platform, externalEventIds, attached: true })
}
