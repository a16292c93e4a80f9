import { CHANNELS, DIRECT, type ChannelName } from '../../domain/channel.js'
import { FIXED_ACCOUNTS, type LedgerAccount } from '../../domain/stock/ledger-account.js'

interface KnownChannel {
  id: string
  platform: ChannelName
}

/** An account as shown to people: a channel's accounts by platform (`SOLD:LUMA`), with the id of the channel. */
export interface NamedAccount {
  name: string
  /** Null: not an account of a channel. DIRECT: direct sales. */
  channelId: string | null
}

/** All names; one of them may name several accounts where an event has several channels on one platform. */
export const ACCOUNT_NAMES: readonly string[] = [
  ...FIXED_ACCOUNTS,
  ...CHANNELS.flatMap((platform) => [`ALLOCATED:${platform}`, `SOLD:${platform}`]),
]

/** `channels`: those of the event. */
export function namedAccount(account: string, channels: readonly KnownChannel[]): NamedAccount {
  const [kind, channelId] = account.split(':')
  if (channelId === undefined) return { name: account, channelId: null }
  const platform = channels.find(({ id }) => id === channelId)?.platform ?? channelId
  return { name: `${kind}:${platform}`, channelId }
}

/** The accounts of a movement, as the API shows them. */
export function namedSides(from: string, to: string, channels: readonly KnownChannel[]) {
  const [source, destination] = [namedAccount(from, channels), namedAccount(to, channels)]
  return {
    from: source.name,
    to: destination.name,
    fromChannelId: source.channelId,
    toChannelId: destination.channelId,
  }
}

export function accountsNamed(name: string, channels: readonly KnownChannel[]): LedgerAccount[] {
  const [kind, platform] = name.split(':')
  if (platform === undefined || platform === DIRECT.id) return [name as LedgerAccount]
  return channels.filter((channel) => channel.platform === platform).map(({ id }) => `${kind}:${id}` as LedgerAccount)
}
