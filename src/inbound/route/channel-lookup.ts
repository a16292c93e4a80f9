import type { ChannelStore } from '../../channels/channel-store.js'
import type { Channel } from '../../domain/channel-record.js'
import type { OrderStore } from '../../orders/order-store.js'
import type { PlatformConnection } from '../../platforms/platforms.js'

/** The channels of a listing on a connection: several where they sell its ticket types separately. */
export async function channelsOf(
  channels: ChannelStore,
  connectionId: string,
  externalEventId: string,
): Promise<Channel[]> {
  return channels.matching(null, { connectionId, externalEventIds: [externalEventId], attached: true })
}

/** The channels of a connection's listings under which an order is recorded. */
export async function channelsSelling(
  { channels, orders }: { channels: ChannelStore; orders: OrderStore },
  { id, platform }: Pick<PlatformConnection, 'id' | 'platform'>,
  externalOrderId: string,
): Promise<Channel[]> {
  const externalEventIds = await orders.listingsOf(platform, externalOrderId)
  if (externalEventIds.length === 0) return []
  return channels.matching(null, { connectionId: id, externalEventIds, attached: true })
}
