import type { Platform } from '../domain/channel.js'
import type { Channel } from '../generated/prisma/client.js'
import type { PrismaService } from '../infrastructure/prisma/prisma.service.js'

/** The channels of a listing: several where they sell its ticket types separately. */
export async function channelsOf(
  prisma: PrismaService,
  platform: Platform,
  externalEventId: string,
): Promise<Channel[]> {
  return prisma.channel.findMany({ where: { platform, externalEventId, detachedAt: null } })
}

/** The channels of the listings under which an order is recorded. */
export async function channelsSelling(
  prisma: PrismaService,
  platform: Platform,
  externalOrderId: string,
): Promise<Channel[]> {
  const orders = await prisma.order.findMany({
    where: { platform, externalOrderId },
    select: { channel: { select: { externalEventId: true } } },
  })
  const listings = [...new Set(orders.flatMap(({ channel }) => channel?.externalEventId ?? []))]
  if (listings.length === 0) return []
  return prisma.channel.findMany({ where: { platform, externalEventId: { in: listings }, detachedAt: null } })
}
