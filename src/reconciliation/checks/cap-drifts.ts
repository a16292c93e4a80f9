import type { Channel } from '../../domain/channel-record.js'
import { knownCap } from '../../channels/reading/listing-readings.js'
import type { ChannelReading } from '../../platforms/port.js'
import type { Drift } from '../drift/drift.js'

type RecordedCap = Pick<
  Channel,
  'eventId' | 'platform' | 'confirmedCap' | 'capUnlimited' | 'confirmedMode' | 'desiredMode'
>

/**
 * Returns how a reading differs from the record. `inSync`: no write of ours is due, so a different mode is not just
 * pending. Only a cap that was read back, not one inferred from our last write, shows a drift.
 */
export function capDrifts(channel: RecordedCap, inSync: boolean, reading: ChannelReading): Drift[] {
  const { cap, capSource, mode, sold, pending, unlimitedParts = [] } = reading
  const common = { eventId: channel.eventId, channel: channel.platform, externalOrderId: null }
  const ofCap = { ...common, kind: 'CAP_DRIFT', ledger: channel.confirmedCap, corrected: false } as const
  const drifts: Drift[] = unlimitedParts.map((part) => ({
    ...ofCap,
    platform: null,
    detail: `${part} has no limit on the platform; the overall cap applies`,
  }))
  const platformCap = typeof cap === 'number' ? cap : null
  const isRead = cap === 'UNLIMITED' || (capSource === 'read' && cap !== null)
  if (!isRead) return drifts
  if (cap !== knownCap(channel)) {
    const detail = `the platform's cap is ${platformCap ?? 'unlimited'}; the last confirmed cap is ${channel.confirmedCap ?? 'unknown'}`
    drifts.push({ ...ofCap, platform: platformCap, detail })
  }
  // A sold-out platform reads as waitlist only, regardless of the desired mode.
  const isFull = platformCap !== null && sold !== null && sold + pending >= platformCap
  const desired = channel.desiredMode
  const differs = mode !== 'UNKNOWN' && mode !== desired && !(isFull && desired === 'OPEN')
  if (inSync && differs) {
    const detail = `the platform's mode is ${mode}, the desired mode is ${desired}`
    drifts.push({ ...common, kind: 'MODE_DRIFT', ledger: desired, platform: mode, corrected: false, detail })
  }
  return drifts
}
