import { Badge } from '@mantine/core'
import { Unknown } from './times'

/** Each platform has one colour everywhere, always shown with its name. */
export const PLATFORM_COLOR: Record<string, string> = {
  MEETUP: '#c2255c',
  EVENTBRITE: '#d9480f',
  LUMA: '#6741d9',
  DIRECT: '#0b7285',
}

const NAMES: Record<string, string> = {
  MEETUP: 'Meetup',
  EVENTBRITE: 'Eventbrite',
  LUMA: 'Luma',
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
}

const ORDER = ['EVENTBRITE', 'LUMA', 'MEETUP', 'DIRECT']

/** Channels in the same order everywhere. */
export function inDisplayOrder<T extends { platform: string }>(channels: readonly T[]): T[] {
  return channels.toSorted((a, b) => ORDER.indexOf(a.platform) - ORDER.indexOf(b.platform))
}

interface NamedChannel {
  platform: string
  externalEventId?: string
  externalTicketClassId?: string | null
}

/** The platform; where an event has several channels there, also the listing and its ticket type. `all`: those of the event. */
export function channelName(channel: NamedChannel, all: readonly NamedChannel[]): string {
  const { platform, externalEventId, externalTicketClassId } = channel
  if (all.filter((other) => other.platform === platform).length <= 1) return wordOf(platform)
  return [wordOf(platform), externalEventId, externalTicketClassId].filter(Boolean).join(' ')
}

/** A word of the API as people read it: `RED_ALARM` → "Red alarm". */
export function wordOf(name: string): string {
  return NAMES[name] ?? name.charAt(0) + name.slice(1).toLowerCase().replaceAll('_', ' ')
}

const ACCOUNTS: Record<string, string> = {
  ALLOCATED: 'to sell',
  SOLD: 'sold',
  IN_TRANSIT: 'In transit',
  SAFETY: 'Safety stock',
}

/** An account of the ledger as people read it: `ALLOCATED:LUMA` → "Luma, to sell". */
export function accountWord(account: string): string {
  const [kind = '', channel] = account.split(':')
  const word = ACCOUNTS[kind] ?? wordOf(kind)
  return channel ? `${wordOf(channel)}, ${word}` : word
}

/** Grounds on which white text is easy to read. */
export const GROUND = { good: '#1b6e2f', bad: '#b02525', warn: '#8a4b00', quiet: '#495057' }

const STATE_COLOR: Record<string, string> = {
  ON_SALE: GROUND.good,
  RED_ALARM: GROUND.bad,
  PAUSED: GROUND.warn,
  CLOSED: GROUND.quiet,
  ENDED: GROUND.quiet,
  OPEN: GROUND.good,
  WAITLIST_ONLY: GROUND.warn,
  UNKNOWN: GROUND.quiet,
  NORMAL: GROUND.good,
  FAIL_SAFE: GROUND.bad,
}
const SIGN: Record<string, string> = { RED_ALARM: '⚠ ', FAIL_SAFE: '⚠ ', PAUSED: '❚❚ ', WAITLIST_ONLY: '❚❚ ' }

/** A state as colour and text. */
export function StateBadge({ state, size = 'sm' }: { state: string; size?: 'sm' | 'lg' }) {
  return (
    <Badge color={STATE_COLOR[state] ?? GROUND.quiet} size={size} variant="filled" tt="none" className="state-badge">
      {SIGN[state] ?? ''}
      {wordOf(state)}
    </Badge>
  )
}

const WHOLE = new Intl.NumberFormat('en-GB')

/** A count; null and undefined are unknown, never 0. */
export function Count({ of }: { of: number | null | undefined }) {
  return typeof of === 'number' ? <span className="figure">{WHOLE.format(of)}</span> : <Unknown />
}

export const count = (of: number) => WHOLE.format(of)
