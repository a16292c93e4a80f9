import { Injectable, Logger } from '@nestjs/common'
import { listingOf } from '../channels/channel-import.js'
import { ChannelStore } from '../channels/channel-store.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Locks } from '../infrastructure/locks/locks.js'
import { Clock } from '../infrastructure/time/clock.js'
import { describeFailure } from '../platforms/describe-failure.js'
import type { ListingContents } from '../platforms/listing-contents.js'
import { Platforms } from '../platforms/platforms.js'
import type { Failure, Outcome } from '../platforms/port.js'
import { ContentsStore } from '../channels/contents/contents-store.js'

const CHECK_INTERVAL_MS = 60_000
/** Listings per check: with one call each, the rest of a platform's budget stays free. */
const BATCH = 20
const READ_INTERVAL_MS = 24 * 3_600_000
const RETRY_MS = 15 * 60_000

/** Reads what listings show: once a day, and some time after a platform reports a change. */
@Injectable()
export class ContentsReads {
  private readonly logger = new Logger(ContentsReads.name)

  constructor(
    private readonly channels: ChannelStore,
    private readonly contents: ContentsStore,
    private readonly platforms: Platforms,
    private readonly locks: Locks,
    private readonly clock: Clock,
  ) {}

  @Periodic({ name: 'listing contents', every: CHECK_INTERVAL_MS })
  async readDue(): Promise<void> {
    await this.locks.tryWith('listing contents', async () => {
      for (const channelId of await this.contents.dueReads(this.clock.now(), BATCH)) await this.readAlone(channelId)
    })
  }

  /** A listing that fails does not keep the others from being read. */
  private async readAlone(channelId: string): Promise<void> {
    try {
      await this.read(channelId)
    } catch (error) {
      this.logger.warn({ err: error, channelId }, 'a listing could not be read; will retry')
      const nextReadAt = new Date(this.clock.now().getTime() + RETRY_MS)
      await this.contents.update(null, channelId, { readFailure: 'an error of the service', nextReadAt })
    }
  }

  /** Also records it. */
  async read(channelId: string): Promise<Outcome<ListingContents>> {
    const channel = await this.channels.read(null, channelId)
    const adapter = this.platforms.find(channel.connectionId)?.adapter
    const readAt = this.clock.now()
    const read = await adapter?.readContents?.(listingOf(channel), { lane: 'bulk' })
    if (read?.kind === 'OK') {
      const nextReadAt = new Date(readAt.getTime() + READ_INTERVAL_MS)
      await this.contents.update(null, channelId, { ...read.value, readAt, nextReadAt, readFailure: null })
      return read
    }
    const failure: Failure = read ?? { kind: 'UNSUPPORTED', reason: 'the platform does not show it' }
    const shown = failure.kind === 'UNSUPPORTED' ? null : describeFailure(failure)
    await this.contents.update(null, channelId, { readFailure: shown, nextReadAt: retryAfter(failure, readAt) })
    return failure
  }
}

function retryAfter(failure: Failure, now: Date): Date {
  if (failure.kind === 'THROTTLED' && failure.resumeAt > now) return failure.resumeAt
  return new Date(now.getTime() + (failure.kind === 'UNSUPPORTED' ? READ_INTERVAL_MS : RETRY_MS))
}
