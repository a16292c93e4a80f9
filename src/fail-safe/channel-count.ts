import { Injectable } from '@nestjs/common'
import type { ChannelMode } from '../domain/channel.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { isFailSafe } from './stored-mode.js'
import { openEvents } from '../inventory/live-events.js'

export interface ChannelCount {
  open: number
  waitlistOnly: number
  /** Not known to be as they are wanted. */
  pending: number
}

/** How the channels of all events on sale stand. */
@Injectable()
export class ChannelCounter {
  constructor(private readonly prisma: PrismaService) {}

  async count(): Promise<ChannelCount> {
    const [failSafe, channels] = await Promise.all([
      isFailSafe(this.prisma),
      this.prisma.channel.findMany({ where: { detachedAt: null, event: openEvents(new Date()) } }),
    ])
    const count: ChannelCount = { open: 0, waitlistOnly: 0, pending: 0 }
    for (const channel of channels) {
      const closed = failSafe || channel.needsSweepSince || channel.pausedSince
      const wanted: ChannelMode = closed ? 'WAITLIST_ONLY' : channel.desiredMode
      count[placeOf(channel, wanted)] += 1
    }
    return count
  }
}

function placeOf({ confirmedMode, confirmedCap, unsettledCap }: Channel, wanted: ChannelMode): keyof ChannelCount {
  if (confirmedMode !== wanted || confirmedCap === null || unsettledCap !== null) return 'pending'
  return confirmedMode === 'OPEN' ? 'open' : 'waitlistOnly'
}
