import type { ServerResponse } from 'node:http'
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { SessionsService } from '../accounts/sessions.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { Timers } from '../infrastructure/time/timers.js'
import { StockEvents } from '../inventory/stock-events.js'
import { ChangeFeed } from './change-feed.js'
import { StreamClients } from './stream-clients.js'

/** Changes by other processes are found within this time, ms; changes by this process at once. */
const POLL_INTERVAL_MS = 1_000
/** Coalesces sales in quick succession, ms. */
const COALESCE_MS = 150
const HEARTBEAT_INTERVAL_MS = 10_000

/** Sends changes to all open streams. Without open streams, nothing is polled. */
@Injectable()
export class LiveStream implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LiveStream.name)
  private readonly clients = new StreamClients()
  private started: Promise<void> | null = null
  private opening = 0
  private polling: Repeating | null = null
  private endHeartbeat: (() => void) | null = null
  private cancelPendingPoll: (() => void) | null = null
  private closed = false

  constructor(
    private readonly feed: ChangeFeed,
    private readonly sessions: SessionsService,
    private readonly timers: Timers,
    stockEvents: StockEvents,
  ) {
    stockEvents.onChanged(() => this.pollSoon())
  }

  /**
   * Prepares one more stream and returns how to join it; no change after this call is missed. Throws Unavailable when
   * there are too many streams.
   */
  async reserve(user: AuthenticatedUser): Promise<(response: ServerResponse) => void> {
    this.clients.mustHaveRoom(user.id)
    this.opening += 1
    try {
      this.started ??= this.startPolling()
      await this.started
    } finally {
      this.opening -= 1
    }
    return (response) => this.join(user, response)
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closed = true
    this.clients.endAll()
    await this.stopPolling()
  }

  private join(user: AuthenticatedUser, response: ServerResponse): void {
    const end = this.clients.add(user.id, response, this.feed.lastMode)
    if (this.closed) return end()
    const endSessionCheck = this.everyHeartbeat(() => void this.endIfSignedOut(user.sessionId, end))
    response.once('close', () => {
      endSessionCheck()
      if (this.clients.count === 0 && this.opening === 0) void this.stopPolling()
    })
  }

  /** Changes before this call are not reported. */
  private async startPolling(): Promise<void> {
    try {
      this.feed.reset()
      await this.feed.changes()
    } catch (error) {
      this.started = null
      throw error
    }
    if (this.closed) return
    this.endHeartbeat = this.everyHeartbeat(() => this.clients.sendHeartbeat())
    const failed = (error: unknown) => this.logger.debug({ err: error }, 'failed to poll for changes; will retry')
    this.polling = repeatEvery(POLL_INTERVAL_MS, () => this.poll(), failed)
  }

  private async stopPolling(): Promise<void> {
    const { polling } = this
    this.endHeartbeat?.()
    this.cancelPendingPoll?.()
    this.started = this.polling = this.endHeartbeat = this.cancelPendingPoll = null
    await polling?.stop()
  }

  private pollSoon(): void {
    if (!this.polling || this.cancelPendingPoll) return
    this.cancelPendingPoll = this.timers.after(COALESCE_MS, () => {
      this.cancelPendingPoll = null
      this.polling?.wake()
    })
  }

  /** Runs `work` at every heartbeat, first after one interval. Returns the function that ends it. */
  private everyHeartbeat(work: () => void): () => void {
    let cancel: () => void = () => undefined
    const schedule = () => {
      cancel = this.timers.after(HEARTBEAT_INTERVAL_MS, () => {
        schedule()
        work()
      })
    }
    schedule()
    return () => cancel()
  }

  private async poll(): Promise<void> {
    this.clients.send(await this.feed.changes())
  }

  /** Ends the stream of a revoked session. */
  private async endIfSignedOut(sessionId: string, end: () => void): Promise<void> {
    const live = await this.sessions.isLive(sessionId).catch(() => true)
    if (!live) end()
  }
}
