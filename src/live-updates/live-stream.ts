import type { ServerResponse } from 'node:http'
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { SessionsService } from '../accounts/login/sessions.service.js'
import { BackgroundTasks } from '../infrastructure/background/background-tasks.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { OnStockChanged } from '../stock/on-stock-changed.js'
import type { StockChanged } from '../stock/stock-events.js'
import { ChangeFeed } from './change-feed.js'
import { StreamClients } from './stream-clients.js'

const TASK = 'live stream poll'
/** How often the changes by all processes are read, ms; changes by this process are read at once. */
const POLL_INTERVAL_MS = 1_000
const TICK_MS = 250
/** Coalesces sales in quick succession, ms. */
const COALESCE_MS = 150
const HEARTBEAT_INTERVAL_MS = 10_000

/** Sends changes to all open streams. Without open streams, nothing is polled. */
@Injectable()
export class LiveStream implements BeforeApplicationShutdown {
  private readonly clients = new StreamClients()
  private started: Promise<void> | null = null
  private opening = 0
  /** A baseline has been read, and there are streams. */
  private polling = false
  private endHeartbeat: (() => void) | null = null
  private cancelPendingPoll: (() => void) | null = null
  private closed = false
  /** Events that this process has changed since the last poll. */
  private readonly changed = new Set<string>()
  private lastFullPollAt = -Infinity

  constructor(
    private readonly feed: ChangeFeed,
    private readonly sessions: SessionsService,
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly background: BackgroundTasks,
  ) {}

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

  beforeApplicationShutdown(): void {
    this.closed = true
    this.clients.endAll()
    this.stopPolling()
  }

  /** Reads all changes once per interval; when woken in between, those of the events that this process changed. */
  @Periodic({ name: TASK, every: TICK_MS, runsIn: 'every process' })
  async poll(): Promise<void> {
    if (!this.polling) return
    const now = this.clock.monotonicMs()
    const full = now - this.lastFullPollAt >= POLL_INTERVAL_MS
    const changed = [...this.changed]
    this.changed.clear()
    if (full) this.lastFullPollAt = now
    if (full || changed.length > 0) this.clients.send(await (full ? this.feed.changes() : this.feed.changesOf(changed)))
  }

  @OnStockChanged({ runsIn: 'every process' })
  pollSoon({ eventId }: StockChanged): void {
    if (!this.polling) return
    this.changed.add(eventId)
    if (this.cancelPendingPoll) return
    this.cancelPendingPoll = this.timers.after(COALESCE_MS, () => {
      this.cancelPendingPoll = null
      this.background.wake(TASK)
    })
  }

  private join(user: AuthenticatedUser, response: ServerResponse): void {
    const end = this.clients.add(user.id, response, this.feed.lastMode)
    if (this.closed) return end()
    const endSessionCheck = this.everyHeartbeat(() => void this.endIfSignedOut(user.sessionId, end))
    response.once('close', () => {
      endSessionCheck()
      if (this.clients.count === 0 && this.opening === 0) this.stopPolling()
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
    this.polling = true
    this.lastFullPollAt = -Infinity
    this.background.wake(TASK)
  }

  private stopPolling(): void {
    this.polling = false
    this.endHeartbeat?.()
    this.cancelPendingPoll?.()
    this.started = this.endHeartbeat = this.cancelPendingPoll = null
    this.changed.clear()
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

  /** Ends the stream of a revoked session. */
  private async endIfSignedOut(sessionId: string, end: () => void): Promise<void> {
    const live = await this.sessions.isLive(sessionId).catch(() => true)
    if (!live) end()
  }
}
