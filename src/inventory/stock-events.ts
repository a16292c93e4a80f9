import { Injectable, Logger } from '@nestjs/common'
import type { ChannelName } from '../domain/channel.js'
import type { AppliedOrder } from './order-applier.js'

/** Stock of an event moved, and is committed. */
export interface StockChanged {
  eventId: string
  /** The channel whose sales changed; null: another cause. */
  channel: ChannelName | null
  /** Tickets sold minus tickets cancelled there. */
  delta: number
  /** The platform orders behind it. */
  orders: readonly AppliedOrder[]
}

type Listener = (change: StockChanged) => void | Promise<void>

/** Tells this process's features that stock moved. A hint for speed: what must happen is also found by polling state. */
@Injectable()
export class StockEvents {
  private readonly logger = new Logger(StockEvents.name)
  private readonly listeners = new Set<Listener>()

  onChanged(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  changed(change: StockChanged): void {
    for (const listener of this.listeners) {
      void (async () => listener(change))().catch((error: unknown) =>
        this.logger.error({ err: error, eventId: change.eventId }, 'a reaction to moved stock failed'),
      )
    }
  }
}
