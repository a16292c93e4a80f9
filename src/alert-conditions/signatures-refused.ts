import { Injectable } from '@nestjs/common'
import { SignatureStore, type RefusedSignatures } from '../inbound/receive/signature-store.js'
import { alertSubjectOf, nameOf, Platforms, type PlatformConnection } from '../platforms/platforms.js'
import { AlertCondition, formatDuration, type AlertProblem } from './alert-condition.js'
import { ChannelHealth } from './channel-health.js'

/** Fewer may come from a third party. */
const MIN_COUNT = 3
/** Older failures prove nothing about the current secret, ms. */
const MAX_AGE_MS = 24 * 3_600_000

/** Deliveries of a connection no longer verify: its secret was probably changed, and sales are detected by sweeps only. */
@Injectable()
export class SignaturesRefused extends AlertCondition {
  readonly kind = 'PLATFORM_UNREACHABLE'
  readonly about = 'signatures'

  constructor(
    private readonly signatures: SignatureStore,
    private readonly channels: ChannelHealth,
    private readonly platforms: Platforms,
  ) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const used = (await this.channels.liveConnections(now)).map(({ id }) => id)
    const counts = await this.signatures.counts(used)
    return [...counts].flatMap(([id, refused]) => {
      const connection = this.platforms.find(id)
      return connection ? assess(connection, refused, now) : []
    })
  }
}

function assess(
  connection: PlatformConnection,
  { count, firstAt, lastAt }: RefusedSignatures,
  now: Date,
): AlertProblem[] {
  if (count < MIN_COUNT || now.getTime() - Date.parse(lastAt) > MAX_AGE_MS) return []
  const { platform } = connection
  const age = formatDuration(now.getTime() - Date.parse(firstAt))
  const detail =
    `${count} webhook deliveries for ${nameOf(connection)} in ${age} had no valid signature or secret, and none has been valid since. ` +
    `If ${platform} sent them, its webhook secret was changed: set the new one. Until then sales are detected by sweeps only.`
  return [{ platform, ...alertSubjectOf(connection), detail }]
}
