import type { Platform } from '../domain/channel.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Platforms } from '../platforms/platforms.js'
import type { CliContext } from './cli-context.js'
import { openEvents } from '../inventory/live-events.js'

/** What is known of one channel of an event that is not closed. */
export interface ChannelMode {
  eventId: string
  event: string
  platform: string
  mode: string
  /** RFC 3339 UTC; null: the platform was never heard. */
  asOf: string | null
  syncError: string | null
  /** The platform has confirmed that it sells no more. */
  isClosed: boolean
  /** This installation has credentials for it. */
  canDrive: boolean
  /** It belongs to a demo that does not run. */
  isSimulated: boolean
}

const ASLEEP = 'the simulated platforms run with the service only'

/** The channels of all events on sale, by event. */
export async function channelModes(station: CliContext): Promise<ChannelMode[]> {
  const rows = await station.get(PrismaService).channel.findMany({
    where: { detachedAt: null, event: openEvents(new Date()) },
    include: { event: { select: { name: true } } },
    orderBy: [{ eventId: 'asc' }, { platform: 'asc' }],
  })
  return rows.map(
    ({ eventId, event, platform, confirmedMode, confirmedCap, unconfirmedCap, confirmedAt, syncError }) => {
      const canDrive = station.get(Platforms).get(platform as Platform).configured
      const isSimulated = station.config.demo && !canDrive
      const known = canDrive ? syncError : isSimulated ? ASLEEP : `no credentials for ${platform} are configured`
      return {
        eventId,
        event: event.name,
        platform,
        mode: confirmedMode,
        asOf: confirmedAt?.toISOString() ?? null,
        syncError: known,
        isClosed: confirmedMode === 'WAITLIST_ONLY' && confirmedCap !== null && unconfirmedCap === null,
        canDrive,
        isSimulated,
      }
    },
  )
}
