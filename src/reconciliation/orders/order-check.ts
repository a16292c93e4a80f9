import { Injectable } from '@nestjs/common'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import type { Channel } from '../../domain/channel-record.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Quarantine } from '../../orders/quarantine.js'
import { traitsOf } from '../../platforms/registry.js'
import { AbsenceCheck } from './absence-check.js'
import { isExplainedByHiddenMembers } from './absence-rule.js'
import type { DriftSink } from '../drift/drift.js'
import { ListingReader, type ListingRead } from './listing-reader.js'
import { OrderCorrection, type Corrected } from './order-correction.js'
import { OutdatedOrders } from './outdated-orders.js'
import { quarantinedDrift, unreadableDrift } from '../drift/unreadable-drifts.js'
import { StagedOrders, type AbsentOrder } from './staged-orders.js'
import { throwIfStopped } from '../run/run-deadline.js'

export interface CheckOptions {
  /** Changes nothing. */
  dryRun: boolean
  sink: DriftSink
  signal: AbortSignal
}

/**
 * What a listing proves in addition to the orders that it shows: which ones were `removed`, or nothing. `unresolved`: orders
 * that were not corrected, and why. `AGAIN`: the listing may have changed while it was read; after the last attempt
 * `otherwise` applies.
 */
type Conclusion =
  | { kind: 'PROVEN'; startedAt: Date; removed: ReadonlySet<string>; unresolved: string | null }
  | { kind: 'AGAIN'; reason: string; otherwise: Proven | null }
  | { kind: 'DOUBT'; reason: string }
type Proven = Extract<Conclusion, { kind: 'PROVEN' }>

/** A listing that changed while it was read is read once more. */
const MAX_ATTEMPTS = 2
/** With this number of absent orders or more, the listing itself is wrong. */
const MAX_ABSENT = 10_000

/** Compares all orders of one channel with the ledger, ticket by ticket, and corrects the ledger. */
@Injectable()
export class OrderCheck {
  constructor(
    private readonly reader: ListingReader,
    private readonly staged: StagedOrders,
    private readonly absence: AbsenceCheck,
    private readonly correction: OrderCorrection,
    private readonly outdated: OutdatedOrders,
    private readonly quarantine: Quarantine,
    private readonly clock: Clock,
  ) {}

  /** Returns false if the listing proves nothing, so that no order was corrected. @throws RunStopped */
  async check(channel: Channel, options: CheckOptions): Promise<boolean> {
    const { sink, dryRun, signal } = options
    try {
      let conclusion = await this.conclude(channel, options)
      for (let attempt = 2; attempt <= MAX_ATTEMPTS && conclusion.kind === 'AGAIN'; attempt++) {
        conclusion = await this.conclude(channel, options)
      }
      const proven = conclusion.kind === 'AGAIN' ? conclusion.otherwise : conclusion
      if (proven === null || proven.kind === 'DOUBT') {
        const reason = conclusion.kind === 'PROVEN' ? '' : conclusion.reason
        await sink([unreadableDrift(channel, `The orders were not corrected: ${reason}.`)])
        return false
      }
      if (proven.unresolved !== null) await sink([unreadableDrift(channel, `${proven.unresolved}.`)])
      const outdated: Corrected['outdated'] = new Map()
      for await (const batch of this.staged.batches(channel.id)) {
        throwIfStopped(signal)
        const corrected = await this.correction.correct(channel, batch, { ...proven, dryRun })
        for (const [orderId, order] of corrected.outdated) outdated.set(orderId, order)
        await sink(corrected.drifts)
      }
      for await (const batch of this.outdated.confirmed(channel, outdated, signal)) {
        throwIfStopped(signal)
        await sink((await this.correction.correct(channel, batch, { startedAt: proven.startedAt, dryRun })).drifts)
      }
      return true
    } finally {
      await this.staged.clear(channel.id)
    }
  }

  /** Stages the whole listing, with removed orders as fully cancelled, or returns why the listing proves nothing. */
  private async conclude(channel: Channel, options: CheckOptions): Promise<Conclusion> {
    const listing = channel.id
    const read = await this.reader.read(channel, listing, options.signal)
    await this.quarantineUnreadable(channel, read, options)
    if (read.kind === 'IN_PART') return { kind: 'DOUBT', reason: read.reason }
    const unreadableIds = new Set(read.unreadable.map(({ orderId }) => orderId))
    const notShown = await this.staged.findAbsent(listing, channel, read.startedAt, MAX_ABSENT)
    const absent = notShown.filter(({ orderId }) => !unreadableIds.has(orderId))
    const whole = read.unreadable.length === 0
    if (read.kind === 'FEWER' && whole) return this.concludeFewer(channel, read, absent)
    if (absent.length === 0) return proven(read, [])
    if (notShown.length === MAX_ABSENT) {
      return { kind: 'AGAIN', reason: `${MAX_ABSENT} or more recorded orders are not in the list`, otherwise: null }
    }
    const absence = await this.absence.confirm(channel, listing, absent, { whole, signal: options.signal })
    if (absence.kind === 'DOUBT') {
      const unresolved = `${absent.length} orders that the list does not show were not corrected: ${absence.reason}`
      return whole ? { kind: 'AGAIN', reason: absence.reason, otherwise: null } : proven(read, [], unresolved)
    }
    const now = this.clock.now()
    const removed = absence.removed.map((order) => removedSnapshot(channel, order, now))
    await this.staged.add(listing, removed)
    return proven(
      read,
      removed.map(({ orderId }) => orderId),
    )
  }

  /**
   * Hidden members are counted and never listed. A truncated list would omit more than a few recorded members. Which
   * of the absent members hid and which cancelled is unknown.
   */
  private async concludeFewer(
    channel: Channel,
    read: Extract<ListingRead, { kind: 'FEWER' }>,
    absent: readonly AbsentOrder[],
  ): Promise<Conclusion> {
    const { reason, missing } = read
    const recorded = await this.staged.countRecorded(channel)
    if (!traitsOf(channel.platform).hidesMembers || !isExplainedByHiddenMembers(absent.length, recorded))
      return { kind: 'AGAIN', reason, otherwise: null }
    const tickets = absent.reduce((sum, { ticketIds }) => sum + ticketIds.length, 0)
    const unresolved = `${reason}: some of ${tickets} recorded tickets that it does not show were cancelled, but it is unknown which`
    return { kind: 'AGAIN', reason, otherwise: proven(read, [], tickets > missing ? unresolved : null) }
  }

  private async quarantineUnreadable(
    channel: Channel,
    read: ListingRead,
    { dryRun, sink }: CheckOptions,
  ): Promise<void> {
    const rows = new Map(read.unreadable.map((row) => [row.orderId ?? `\n${row.reason}`, row]))
    if (!dryRun) {
      await this.quarantine.add(channel, [...rows.values()])
      if (read.kind === 'WHOLE') await this.quarantine.resolveUnseen(channel, read.startedAt)
    }
    await sink([...rows.values()].map((row) => quarantinedDrift(channel, row)))
  }
}

function proven(
  { startedAt }: { startedAt: Date },
  removed: readonly string[],
  unresolved: string | null = null,
): Proven {
  return { kind: 'PROVEN', startedAt, removed: new Set(removed), unresolved }
}

/**
 * Snapshot of a removed order, with all its absent tickets cancelled. Where versions are read times, its version is now.
 * Elsewhere it keeps the recorded version, so that the same order is not outdated should the platform show it again.
 */
function removedSnapshot(
  { platform, externalEventId }: Channel,
  { orderId, version, ticketIds }: AbsentOrder,
  now: Date,
): OrderSnapshot {
  const { versionsAreReadTimes } = traitsOf(platform)
  return {
    orderId,
    externalEventId,
    version: versionsAreReadTimes ? now.toISOString() : version,
    tickets: ticketIds.map((ticketId) => ({ ticketId, live: false, ticketClassId: null })),
    versionIsReadTime: versionsAreReadTimes,
    complete: false,
    buyer: null,
    placedAt: null,
  }
}
