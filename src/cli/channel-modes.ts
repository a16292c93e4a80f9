import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Platforms } from '../platforms/platforms.js'
import { traitsOf } from '../platforms/registry.js'
import type { CliContext } from './cli-context.js'
import { openEvents } from '../infrastructure/prisma/live-events.js'

/** The known state of one channel of an event on sale. */
export interface ChannelMode {
  eventId: string
  event: string
  platform: string
  mode: string
  /** When the platform last confirmed, RFC 3339 UTC; null: never. */
  asOf: string | null
  syncError: string | null
  /** The platform has confirmed that sales are closed. */
  isClosed: boolean
  /** This installation has credentials for the platform. */
  canDrive: boolean
  /** A person has to close it. */
  isManual: boolean
  /** The channel belongs to a demo that is not running. */
  isSimulated: boolean
}

const SIMULATORS_STOPPED = 'simulated platforms run only while the service is running'

const task = (cap: number | null) => (cap === null ? null : `set its cap to ${cap} there, then confirm it`)

/** The channels of all events on sale, by event. */
export async function channelModes(context: CliContext): Promise<ChannelMode[]> {
  const rows = await context.get(PrismaService).channel.findMany({
    where: { detachedAt: null, event: openEvents(context.get(Clock).now()) },
    include: { event: { select: { name: true } } },
    orderBy: [{ eventId: 'asc' }, { platform: 'asc' }],
  })
  return rows.map(
    ({
      eventId,
      event,
      platform,
      connectionId,
      confirmedMode,
      confirmedCap,
      unconfirmedCap,
      confirmedAt,
      syncError,
      taskCap,
    }) => {
      const { hasApi } = traitsOf(platform)
      const canDrive = hasApi && context.get(Platforms).of({ connectionId }).configured
      const isSimulated = context.config.demo && hasApi && !canDrive
      const lastError = canDrive
        ? syncError
        : isSimulated
          ? SIMULATORS_STOPPED
          : hasApi
            ? `no credentials for ${platform} are configured`
            : task(taskCap)
      return {
        eventId,
        event: event.name,
        platform,
        mode: confirmedMode,
        asOf: confirmedAt?.toISOString() ?? null,
        syncError: lastError,
        isClosed: confirmedMode === 'WAITLIST_ONLY' && confirmedCap !== null && unconfirmedCap === null,
        canDrive,
        isManual: !hasApi,
        isSimulated,
      }
    },
  )
}
