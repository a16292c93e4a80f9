import { CapSync } from '../channels/sync/cap-sync.js'
import { CapWriteJournal } from '../channels/sync/cap-write-journal.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { JobQueues } from '../infrastructure/queues/job-queues.js'
import { QUEUES } from '../infrastructure/queues/queue-names.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { Platforms } from '../platforms/platforms.js'
import { traitsOf } from '../platforms/registry.js'
import type { CliContext } from './cli-context.js'
import { openEvents } from '../infrastructure/prisma/live-events.js'

const PAUSE_MS = 500
const TIMEOUT_MS = 20_000

/** Whether a service is running that will do the remaining work of this command. */
export async function isServiceRunning(context: CliContext): Promise<boolean> {
  if (context.servers.kind === 'service') return true
  if (context.servers.kind === 'started') return false
  return (await context.get(JobQueues).status(QUEUES.protect)).processors > 0
}

/**
 * Writes the desired state of the channels of these events (default: all) to their platforms, shrinking before growing.
 * Returns how many channels are not in sync after `timeoutMs`. To be used while no service is running.
 */
export async function syncChannels(
  context: CliContext,
  eventIds?: readonly string[],
  timeoutMs = TIMEOUT_MS,
): Promise<number> {
  const prisma = context.get(PrismaService)
  const clock = context.get(Clock)
  const where = {
    detachedAt: null,
    event: openEvents(clock.now()),
    ...(eventIds ? { eventId: { in: [...eventIds] } } : {}),
  }
  const deadline = clock.now().getTime() + timeoutMs
  for (;;) {
    const channels = (await prisma.channel.findMany({ where })).filter((channel) => canDrive(context, channel))
    const due = channels.filter((channel) => !isInSync(channel))
    if (due.length === 0 || clock.now().getTime() > deadline) return due.length
    for (const { id } of due) await context.get(CapSync).sync(id)
    for (const eventId of new Set(due.map((channel) => channel.eventId)))
      await context.get(CapWriteJournal).follow(eventId)
    await context.get(Timers).sleep(PAUSE_MS)
  }
}

function canDrive(context: CliContext, channel: Channel): boolean {
  return traitsOf(channel.platform).hasApi && context.get(Platforms).of(channel).configured
}

/** A channel that is not counted yet holds units that others could use. */
export function isInSync(channel: Channel): boolean {
  const { importedAt, desiredCap, confirmedCap, desiredMode, confirmedMode, unconfirmedCap, uncountedSince } = channel
  const settled = importedAt !== null && unconfirmedCap === null && uncountedSince === null
  return settled && desiredCap === confirmedCap && desiredMode === confirmedMode
}
