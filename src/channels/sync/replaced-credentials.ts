import { Injectable, Logger, type OnModuleInit } from '@nestjs/common'
import { Config } from '../../infrastructure/config/config.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { Platforms } from '../../platforms/platforms.js'
import { ChannelStore } from '../channel-store.js'
import { ChannelJobs } from './channel-jobs.js'
import { SyncFailures } from './sync-failures.js'

/** Until then every process uses the new credentials, ms: one with the earlier ones would be refused again. */
const KNOWN_EVERYWHERE_MS = 2_000

/** Syncs the channels of a connection soon after its credentials are replaced: what was refused would wait for minutes. */
@Injectable()
export class ReplacedCredentials implements OnModuleInit {
  private readonly logger = new Logger(ReplacedCredentials.name)

  constructor(
    private readonly platforms: Platforms,
    private readonly channels: ChannelStore,
    private readonly failures: SyncFailures,
    private readonly jobs: ChannelJobs,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  onModuleInit(): void {
    // Only processes that write have anything to repeat.
    if (this.config.role === 'api') return
    this.platforms.onReplaced((connectionId) => {
      // At once: a job that another process has enqueued for the new credentials would be deferred by this one for minutes.
      void this.forget(connectionId)
      this.timers.after(KNOWN_EVERYWHERE_MS, () => void this.sync(connectionId))
    })
  }

  /** What the earlier credentials met blocks nothing any more. */
  private forget(connectionId: string): Promise<void> {
    return this.forEachChannel(connectionId, async (id) => this.failures.forget(id))
  }

  private sync(connectionId: string): Promise<void> {
    return this.forEachChannel(connectionId, async (id) => {
      this.failures.forget(id)
      await this.jobs.enqueue(id, 'protect', 'credentials')
    })
  }

  private async forEachChannel(connectionId: string, work: (id: string) => Promise<void>): Promise<void> {
    try {
      const live = { connectionId, attached: true, openAt: this.clock.now() } as const
      for (const { id } of await this.channels.matching(null, live)) await work(id)
    } catch (error) {
      this.logger.warn({ err: error, connectionId }, 'the channels are synced with the next check')
    }
  }
}
