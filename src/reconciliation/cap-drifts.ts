import type { Platform } from '../domain/channel.js'
import { knownCap } from '../channels/listing-readings.js'
import type { Channel } from '../generated/prisma/client.js'
import type { ChannelReading } from '../platforms/port.js'
import type { Drift } from './drift.js'

type Known = Pick<Channel, 'eventId' | 'platform' | 'confirmedCap' | 'capUnlimited' | 'confirmedMode' | 'desiredMode'>

/**
 * What a reading shows that the record does not. `inStep`: no write of ours is due, so a mode that differs is not
 * just on its way. Only a cap that was read, not remembered, shows a drift.
 */
export function capDrifts(channel: Known, inStep: boolean, reading: ChannelReading): Drift[] {
  const { cap, capSource, mode, sold, pending, unlimitedParts = [] } = reading
  const about = { eventId: channel.eventId, channel: channel.platform as Platform, externalOrderId: null }
  const ofCap = { ...about, kind: 'CAP_DRIFT', ledger: channel.confirmedCap, corrected: false } as const
  const drifts: Drift[] = unlimitedParts.map((part) => ({
    ...ofCap,
    platform: null,
    detail: `${part} has no limit there; the cap of the whole holds`,
  }))
  const shown = typeof cap === 'number' ? cap : null
  const isRead = cap === 'UNLIMITED' || (capSource === 'read' && cap !== null)
  if (!isRead) return drifts
  if (cap !== knownCap(channel)) {
    const detail = `the cap there is ${shown ?? 'unlimited'}; the last one confirmed is ${channel.confirmedCap ?? 'unknown'}`
    drifts.push({ ...ofCap, platform: shown, detail })
  }
  // A platform that is sold out reads as waitlist only, whatever is wanted there.
  const full = shown !== null && sold !== null && sold + pending >= shown
  const wanted = channel.desiredMode
  const differs = mode !== 'UNKNOWN' && mode !== wanted && !(full && wanted === 'OPEN')
  if (inStep && differs) {
    const detail = `it is ${mode} there, ${wanted} is wanted`
    drifts.push({ ...about, kind: 'MODE_DRIFT', ledger: wanted, platform: mode, corrected: false, detail })
  }
  return drifts
}
