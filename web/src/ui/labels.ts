import type { Schemas } from '../api/client'

/** A value for each channel: the compiler reports a platform without one. */
export type OfEachChannel<Value> = Record<Schemas['ChannelCurveDto']['platform'], Value>

/** Each platform has one colour everywhere, always shown with its name. */
export const PLATFORM_COLOR: Record<string, string> = {
  MEETUP: '#c2255c',
  EVENTBRITE: '#d9480f',
  LUMA: '#6741d9',
  MANUAL: '#5c940d',
  DIRECT: '#0b7285',
} satisfies OfEachChannel<string>

const NAMES: Record<string, string> = {
  MEETUP: 'Meetup',
  EVENTBRITE: 'Eventbrite',
  LUMA: 'Luma',
  MANUAL: 'Manual list',
  DIRECT: 'Direct',
  UNALLOCATED: 'Unallocated',
  ON_SALE: 'On sale',
  RED_ALARM: 'Red alarm',
  PAUSED: 'Paused',
  CLOSED: 'Closed',
  ENDED: 'Ended',
  NOT_CLOSED: 'Not closed',
  OPEN: 'Open',
  WAITLIST_ONLY: 'Waitlist only',
  UNKNOWN: 'Unknown',
  NORMAL: 'Normal',
  FAIL_SAFE: 'Fail-safe',
} satisfies OfEachChannel<string> & Record<string, string>

const SHOWN = { EVENTBRITE: true, LUMA: true, MEETUP: true, MANUAL: true, DIRECT: true } satisfies OfEachChannel<true>
/** The names of all channels, in the order of every list. */
export const CHANNELS = Object.keys(SHOWN)

/** Channels in the same order everywhere. */
export function inDisplayOrder<T extends { platform: string }>(channels: readonly T[]): T[] {
  return channels.toSorted((a, b) => CHANNELS.indexOf(a.platform) - CHANNELS.indexOf(b.platform))
}

interface NamedChannel {
  platform: string
  externalEventId?: string
  externalTicketClassId?: string | null
  label?: string | null
}

/** The platform, and the name that staff gave the channel; else, where an event has several channels there, the listing and its ticket type. `all`: those of the event. */
export function channelName(channel: NamedChannel, all: readonly NamedChannel[]): string {
  const { platform, externalEventId, externalTicketClassId, label } = channel
  if (label) return `${labelOf(platform)}, ${label}`
  if (all.filter((other) => other.platform === platform).length <= 1) return labelOf(platform)
  return [labelOf(platform), externalEventId, externalTicketClassId].filter(Boolean).join(' ')
}

/** A name of the API as people read it: `RED_ALARM` → "Red alarm". */
export function labelOf(name: string): string {
  return NAMES[name] ?? name.charAt(0) + name.slice(1).toLowerCase().replaceAll('_', ' ')
}

const ACCOUNTS: Record<string, string> = {
  ALLOCATED: 'to sell',
  SOLD: 'sold',
  IN_TRANSIT: 'In transit',
  SAFETY: 'Safety stock',
}

/** An account of the ledger as people read it: `ALLOCATED:LUMA` → "Luma, to sell". */
export function accountLabel(account: string): string {
  const [kind = '', channel] = account.split(':')
  const label = ACCOUNTS[kind] ?? labelOf(kind)
  return channel ? `${labelOf(channel)}, ${label}` : label
}
