import type { ServerResponse } from 'node:http'
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { SessionsService } from '../accounts/sessions.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { StockEvents } from '../inventory/stock-events.js'
import { ChangeFeed } from './change-feed.js'
import { StreamClients } from './stream-clients.js'

/** Changes made by other processes are found within this time, ms; those of this process at once. */
const LOOK_EVERY_MS = 1_000
/** Sales that come together are told together. */
const GATHER_MS = 150
const BEAT_EVERY_MS = 10_000

/** Tells every open stream what changed. While nobody listens, nothing is looked at. */
@Injectable()
export class LiveStream implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LiveStream.name)
  private readonly clients = new StreamClients()
  private awake: Promise<void> | null = null
  private opening = 0
  private looking: Repeating | null = null
  private beating: NodeJS.Timeout | null = null
  private gathering: NodeJS.Timeout | null = null
  private closed = false

  constructor(
    private readonly feed: ChangeFeed,
    private readonly sessions: SessionsService,
    stockEvents: StockEvents,
  ) {
    stockEvents.onChanged(() => this.soon())
  }

  /**
   * Answers a place for one more stream, from which on nothing that changes is missed. Throws Unavailable when there
   * are too many.
   */
  async reserve(account: AuthenticatedUser): Promise<(response: ServerResponse) => void> {
    this.clients.mustHaveRoom(account.id)
    this.opening += 1
    try {
      this.awake ??= this.wake()
      await this.awake
    } finally {
      this.opening -= 1
    }
    return (response) => this.join(account, response)
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closed = true
    this.clients.endAll()
    await this.rest()
  }

  private join(account: AuthenticatedUser, response: ServerResponse): void {
    const end = this.clients.add(account.id, response, this.feed.lastMode)
    if (this.closed) return end()
    const watch = setInterval(() => void this.endIfSignedOut(account.sessionId, end), BEAT_EVERY_MS)
    response.once('close', () => {
      clearInterval(watch)
      if (this.clients.count === 0 && this.opening === 0) void this.rest()
    })
  }

  /** Begins to look for changes; what was before counts as known. */
  private async wake(): Promise<void> {
    try {
      this.feed.forget()
      await this.feed.changes()
    } catch (error) {
      this.awake = null
      throw error
    }
    if (this.closed) return
    this.beating = setInterval(() => this.clients.beat(), BEAT_EVERY_MS)
    const failed = (error: unknown) => this.logger.debug({ err: error }, 'changes are looked for again')
    this.looking = repeatEvery(LOOK_EVERY_MS, () => this.look(), failed)
  }

  private async rest(): Promise<void> {
    const { looking } = this
    if (this.beating) clearInterval(this.beating)
    if (this.gathering) clearTimeout(this.gathering)
    this.awake = this.looking = this.beating = this.gathering = null
    await looking?.stop()
  }

  private soon(): void {
    if (!this.looking || this.gathering) return
    this.gathering = setTimeout(() => {
      this.gathering = null
      this.looking?.hurry()
    }, GATHER_MS)
  }

  private async look(): Promise<void> {
    this.clients.send(await this.feed.changes())
  }

  /** A session that was revoked reads nothing any more. */
  private async endIfSignedOut(sessionId: string, end: () => void): Promise<void> {
    const live = await this.sessions.isLive(sessionId).catch(() => true)
    if (!live) end()
  }
}
