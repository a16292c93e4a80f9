import { Injectable } from '@nestjs/common'
import type { Channel } from '../../domain/channel-record.js'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { pause } from '../run/run-deadline.js'
import { SECOND_READING_DELAY_MS } from './absence-check.js'
import { ListingReader } from './listing-reader.js'
import { StagedOrders, type OrderBatch } from './staged-orders.js'

/** An order that a listing shows as of an earlier change than the recorded one. */
export interface OutdatedOrder {
  shown: string
  recorded: string
}

/** Age of a recorded change from which on a listing shows it: later ones may appear late, or during the reading, ms. */
const SETTLED_MS = 60_000

/** Null: the listing that was read from `startedAt` on shows the order as recorded or as changed later, or may soon. */
export function outdatedBy(
  recordedVersion: string,
  snapshots: readonly OrderSnapshot[],
  startedAt: Date,
): OutdatedOrder | null {
  const shown = newestVersion(snapshots)
  const isSettled = Date.parse(recordedVersion) <= startedAt.getTime() - SETTLED_MS
  return isSettled && shown < recordedVersion ? { shown, recorded: recordedVersion } : null
}

/** What the platform shows counts as a change made since the recorded one. */
export function asOf(recordedVersion: string, snapshots: readonly OrderSnapshot[]): OrderSnapshot[] {
  const shown = newestVersion(snapshots)
  return snapshots.filter(({ version }) => version === shown).map((one) => ({ ...one, version: recordedVersion }))
}

/**
 * A platform whose clock was set back dates a change before an earlier one: as an outdated snapshot it would never be recorded.
 * An order that two readings, some time apart, show as of the same earlier change is as they show it.
 */
@Injectable()
export class OutdatedOrders {
  constructor(
    private readonly reader: ListingReader,
    private readonly staged: StagedOrders,
    private readonly timers: Timers,
  ) {}

  /** Batches of those that a second reading shows as the first did, as of the recorded change. @throws RunStopped */
  async *confirmed(
    channel: Channel,
    outdated: ReadonlyMap<string, OutdatedOrder>,
    signal: AbortSignal,
  ): AsyncGenerator<OrderBatch> {
    if (outdated.size === 0) return
    await pause(SECOND_READING_DELAY_MS, signal, this.timers)
    const second = `${channel.id}:again`
    try {
      // Each row proves its own order, also in an incomplete listing.
      await this.reader.read(channel, second, signal)
      for await (const batch of this.staged.batches(second)) {
        const confirmed: OrderBatch = new Map()
        for (const [orderId, snapshots] of batch) {
          const order = outdated.get(orderId)
          if (order?.shown === newestVersion(snapshots)) confirmed.set(orderId, asOf(order.recorded, snapshots))
        }
        if (confirmed.size > 0) yield confirmed
      }
    } finally {
      await this.staged.clear(second)
    }
  }
}

function newestVersion(snapshots: readonly OrderSnapshot[]): string {
  return snapshots.reduce((newest, { version }) => (version > newest ? version : newest), '')
}
