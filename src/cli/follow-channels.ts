import { byListingOrder } from '../channels/channel-state.js'
import { ChannelStore } from '../channels/channel-store.js'
import type { Channel } from '../domain/channel-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { traitsOf } from '../platforms/registry.js'
import type { CliContext } from './cli-context.js'
import { syncChannels, isInSync, isServiceRunning } from './sync-channels.js'
import type { Output } from './terminal/output.js'

const PAUSE_MS = 500
const TIMEOUT_MS = 60_000

/**
 * Reports each channel of an event as it changes, until every listing with an API has confirmed its cap. The service
 * writes the caps; where none is running, this command does. Returns how many are not confirmed after a minute.
 */
export async function followChannels(context: CliContext, out: Output, eventId: string): Promise<number> {
  const [clock, timers] = [context.get(Clock), context.get(Timers)]
  const reported = new Map<string, string>()
  const deadline = clock.now().getTime() + TIMEOUT_MS
  const isServed = await isServiceRunning(context)
  for (;;) {
    const channels = await context.get(ChannelStore).matching(null, { eventId, attached: true })
    for (const channel of byListingOrder(channels)) {
      const line = `${channel.platform} ${channel.externalEventId}: ${progressOf(channel)}`
      if (reported.get(channel.id) !== line) out.info(line)
      reported.set(channel.id, line)
    }
    const open = channels.filter((channel) => traitsOf(channel.platform).hasApi && !isInSync(channel))
    if (open.length === 0 || clock.now().getTime() > deadline) return open.length
    if (isServed) await timers.sleep(PAUSE_MS)
    else await syncChannels(context, [eventId], PAUSE_MS)
  }
}

function progressOf(channel: Channel): string {
  const { platform, taskCap, importedAt, desiredCap, syncError } = channel
  if (!traitsOf(platform).hasApi) {
    return taskCap === null ? 'a person keeps it' : `a person sets ${taskCap} there, and confirms it`
  }
  if (syncError !== null) return syncError
  if (importedAt === null) return 'being read'
  return isInSync(channel) ? `confirmed at ${desiredCap}` : `being set to ${desiredCap}`
}
