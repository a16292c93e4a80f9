import type { Channel } from '../../domain/channel-record.js'
import type { ProofFact, ProvenCap, ProvenChannel } from '../../domain/proof/proof-fact.js'
import { accountsOf, unitsOf, type Balances } from '../../domain/stock/ledger-account.js'

/** The first line of a proof: the balances and the channels as they are before the lines that follow. */
export function startedFact(eventId: string, balances: Balances, channels: readonly Channel[]): ProofFact {
  const accounts = accountsOf(balances).filter((account) => unitsOf(balances, account) !== 0)
  return {
    kind: 'STARTED',
    event: eventId,
    balances: Object.fromEntries(accounts.map((account) => [account, unitsOf(balances, account)])),
    channels: channels.map(provenChannel),
  }
}

/** The recorded cap, as a reading would show it. */
export function provenCap({ confirmedCap, capUnlimited }: Pick<Channel, 'confirmedCap' | 'capUnlimited'>): ProvenCap {
  return confirmedCap ?? (capUnlimited ? 'UNLIMITED' : null)
}

/** What is known of a channel when its lines in the proof begin. */
export function provenChannel(channel: Channel): ProvenChannel {
  const { uncountedSince, uncountedCap } = channel
  return {
    id: channel.id,
    platform: channel.platform,
    cap: provenCap(channel),
    confirmed: channel.confirmedVersion > 0,
    detached: channel.detachedAt !== null,
    sold: channel.platformSold,
    carts: channel.pendingTickets,
    open: channel.unconfirmedCap,
    uncounted: uncountedSince && (uncountedCap ?? 'UNLIMITED'),
    uncountedSince: uncountedSince && uncountedSince.toISOString(),
  }
}
