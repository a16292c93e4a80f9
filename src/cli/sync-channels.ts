import { getQueueToken } from '@nestjs/bullmq'
import type { Queue } from 'bullmq'
import { setTimeout as sleep } from 'node:timers/promises'
import { CapSync } from '../channels/cap-sync.js'
import { CapWriteJournal } from '../channels/cap-write-journal.js'
import type { Platform } from '../domain/channel.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { QUEUES } from '../infrastructure/queues/queue-names.js'
import { Platforms } from '../platforms/platforms.js'
import type { CliContext } from './cli-context.js'
import { openEvents } from '../inventory/live-events.js'

const PAUSE_MS = 500
const TIMEOUT_MS = 20_000

/** Whether a service is there that will do what this command leaves to be done. */
export async function isServiceRunning(station: CliContext): Promise<boolean> {
  if (station.servers.kind === 'service') return true
  if (station.servers.kind === 'started') return false
  const queue = station.get<Queue>(getQueueToken(QUEUES.protect))
  return (await queue.getWorkersCount()) > 0
}

/**
 * Writes what is wanted of the channels of these events (of all, if left out) to their platforms, shrinking before
 * growing. Answers how many channels are not in step after 20 s. For when no service does it.
 */
export async function syncChannels(station: CliContext, eventIds?: readonly string[]): Promise<number> {
  const prisma = station.get(PrismaService)
  const where = {
    detachedAt: null,
    event: openEvents(new Date()),
    ...(eventIds ? { eventId: { in: [...eventIds] } } : {}),
  }
  const deadline = Date.now() + TIMEOUT_MS
  for (;;) {
    const channels = (await prisma.channel.findMany({ where })).filter((channel) => canDrive(station, channel))
    const due = channels.filter((channel) => !isInStep(channel))
    if (due.length === 0 || Date.now() > deadline) return due.length
    for (const { id } of due) await station.get(CapSync).sync(id)
    for (const eventId of new Set(due.map((channel) => channel.eventId)))
      await station.get(CapWriteJournal).follow(eventId)
    await sleep(PAUSE_MS)
  }
}

function canDrive(station: CliContext, { platform }: Channel): boolean {
  return station.get(Platforms).get(platform as Platform).configured
}

/** A channel that is not counted yet keeps units from the others. */
function isInStep(channel: Channel): boolean {
  const { importedAt, desiredCap, confirmedCap, desiredMode, confirmedMode, unconfirmedCap, uncountedSince } = channel
  const settled = importedAt !== null && unconfirmedCap === null && uncountedSince === null
  return settled && desiredCap === confirmedCap && desiredMode === confirmedMode
}
