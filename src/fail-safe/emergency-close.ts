import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { CapSync, type SyncResult } from '../channels/cap-sync.js'
import { permitted, channelStateOf } from '../channels/channel-state.js'
import { drivenEvents } from '../channels/driven-events.js'
import { nextWrite } from '../domain/next-write.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { ClosingOrder } from './closing-order.js'
import { PlatformLanes } from './platform-lanes.js'

/** Per platform: one that is slow or throttled holds up no other one. */
const AT_ONCE = 4
/** ms; a call of an adapter gives up on its own after 10 s. */
const CLOSE_WITHIN_MS = 3_000
/** While sales go on, every second counts; whatever `CapSync` would wait for otherwise. */
const RETRY = { firstMs: 200, longestMs: 2_000 }
type Failed = Extract<SyncResult, { done: false }>['failure']
/** Only a person ends these: asking every two seconds would only spend the budget of the others. */
const PERMANENT: readonly Failed[] = ['AUTH_FAILED', 'FORBIDDEN', 'GONE', 'UNSUPPORTED']

type OpenChannel = Pick<Channel, 'id' | 'platform'>

/** A try that did not close the channel; it is tried again after its backoff. */
class NotClosed extends Error {}

/**
 * Brings every channel of every event on sale to "waitlist only", without Redis: the platforms' adapters are called
 * from here, each channel again and again until its platform has confirmed it. Platforms are closed side by side.
 */
@Injectable()
export class EmergencyClose implements BeforeApplicationShutdown {
  private readonly logger = new Logger('FailSafe')
  private readonly lanes = new PlatformLanes<OpenChannel>({
    concurrency: AT_ONCE,
    deadlineMs: CLOSE_WITHIN_MS,
    backoff: RETRY,
    work: (channel) => this.close(channel),
    onFailure: ({ id }, error) => {
      if (error instanceof NotClosed) this.logger.debug({ channelId: id, why: error.message }, 'not closed yet')
      else this.logger.warn({ err: error, channelId: id }, 'a channel could not be closed, it is tried again')
    },
  })
  /** Before this instant (ms) a try would be in vain: the platform, or its budget, has said so. */
  private readonly notBefore = new Map<string, number>()

  constructor(
    private readonly prisma: PrismaService,
    private readonly capSync: CapSync,
    private readonly order: ClosingOrder,
  ) {}

  /** Begins to close what is not known to be closed and whose turn it is. Answers how many channels there are. */
  async round(): Promise<number> {
    const left = await this.notClosed()
    const ids = new Set(left.map(({ id }) => id))
    for (const id of this.notBefore.keys()) if (!ids.has(id)) this.notBefore.delete(id)
    const due = left.filter(({ id }) => (this.notBefore.get(id) ?? 0) <= Date.now())
    void this.lanes.begin(due)
    return left.length
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.lanes.idle()
  }

  private async close({ id }: OpenChannel): Promise<void> {
    const result = await this.capSync.sync(id)
    if (result.done) return void this.notBefore.delete(id)
    if (result.failure === 'THROTTLED' || PERMANENT.includes(result.failure)) {
      this.notBefore.set(id, result.again.getTime())
      return
    }
    throw new NotClosed(result.why)
  }

  private async notClosed(): Promise<OpenChannel[]> {
    const events = await this.prisma.event.findMany({
      where: { ...drivenEvents(new Date()), channels: { some: {} } },
      include: { channels: true, balance: true },
    })
    const open = events.filter(({ balance }) => balance !== null)
    return (await this.order.of(open)).flatMap(({ channels, balance }) => {
      if (!balance) return []
      const balances = balancesOf(balance)
      return channels.filter((channel) => {
        const next = nextWrite(permitted(channelStateOf(channel, balances), true), 0)
        return next.kind !== 'IN_SYNC' || channel.unconfirmedCap !== null
      })
    })
  }
}
