import { Injectable, Logger } from '@nestjs/common'
import type { ChannelName } from '../domain/channel.js'
import type { AppliedOrder } from '../domain/orders/applied-order.js'
import { asOwnWork } from '../infrastructure/work-class.js'

/** A committed change of an event's stock. */
export interface StockChanged {
  eventId: string
  /** The channel whose sales changed; null: another cause. */
  channel: ChannelName | null
  /** Tickets sold minus tickets cancelled there. */
  delta: number
  /** Platform orders that caused it. */
  orders: readonly AppliedOrder[]
  /** Units were only taken for new holds: nothing was sold, is being paid for, or became free. */
  heldOnly?: true
}

type Listener = (change: StockChanged) => void | Promise<void>

/** Notifies listeners in this process of stock changes. Only an optimization: required work is also found by polling state. */
@Injectable()
export class StockEvents {
  private readonly logger = new Logger(StockEvents.name)
  private readonly listeners = new Set<Listener>()

  onChanged(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  emitChanged(change: StockChanged): void {
    for (const listener of this.listeners) {
      // A reaction of the service, not part of the request that caused it.
      void asOwnWork(async () => listener(change)).catch((error: unknown) =>
        this.logger.error({ err: error, eventId: change.eventId }, 'stock change listener failed'),
      )
    }
  }
}
