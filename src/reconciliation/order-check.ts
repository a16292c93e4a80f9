import { Injectable } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { versionsAreReadTimes } from '../inventory/order-fact.js'
import { Quarantine } from '../inventory/quarantine.js'
import { AbsenceCheck } from './absence.js'
import { mayHide } from './absence-rule.js'
import type { DriftSink } from './drift.js'
import { ListingReader, type ListingRead } from './listing-reader.js'
import { OrderCorrection } from './order-correction.js'
import { quarantined, unreadable } from './quarantined.js'
import { StagedOrders, type AbsentOrder } from './staged-orders.js'
import { goOn } from './run-deadline.js'

export interface CheckOptions {
  /** Changes nothing. */
  dryRun: boolean
  sink: DriftSink
  signal: AbortSignal
}

/**
 * What a listing proves: which orders are `gone` (beside what it shows), or nothing. `left`: what is left as it is, and
 * why. `AGAIN`: it may have moved while it was read; if the last attempt says so too, nothing is proven.
 */
type Conclusion =
  | { kind: 'PROVEN'; gone: ReadonlySet<string>; left: string | null }
  | { kind: 'AGAIN'; why: string; otherwise: Proven | null }
  | { kind: 'DOUBT'; why: string }
type Proven = Extract<Conclusion, { kind: 'PROVEN' }>

/** A list that moved while it was read is read once more. */
const ATTEMPTS = 2
/** More orders than that are not missing: the list is wrong. */
const MAX_ABSENT = 10_000

/** Compares all orders of one channel with the ledger, ticket by ticket, and corrects the ledger. */
@Injectable()
export class OrderCheck {
  constructor(
    private readonly reader: ListingReader,
    private readonly staged: StagedOrders,
    private readonly absence: AbsenceCheck,
    private readonly correction: OrderCorrection,
    private readonly quarantine: Quarantine,
  ) {}

  /** False: the listing could not be read as a whole, so that nothing was concluded. @throws Stopped */
  async check(channel: Channel, options: CheckOptions): Promise<boolean> {
    const { sink, dryRun, signal } = options
    try {
      let conclusion = await this.conclude(channel, options)
      for (let attempt = 2; attempt <= ATTEMPTS && conclusion.kind === 'AGAIN'; attempt++) {
        conclusion = await this.conclude(channel, options)
      }
      const proven = conclusion.kind === 'AGAIN' ? conclusion.otherwise : conclusion
      if (proven === null || proven.kind === 'DOUBT') {
        const why = conclusion.kind === 'PROVEN' ? '' : conclusion.why
        await sink([unreadable(channel, `The orders were left as they are: ${why}.`)])
        return false
      }
      if (proven.left !== null) await sink([unreadable(channel, `${proven.left}.`)])
      for await (const batch of this.staged.batches(channel.id)) {
        goOn(signal)
        await sink(await this.correction.correct(channel, batch, proven.gone, dryRun))
      }
      return true
    } finally {
      await this.staged.clear(channel.id)
    }
  }

  /** Stages the whole listing, with orders that are gone as all cancelled; or says why it proves nothing. */
  private async conclude(channel: Channel, options: CheckOptions): Promise<Conclusion> {
    const listing = channel.id
    const read = await this.reader.read(channel, listing, options.signal)
    await this.keepAside(channel, read, options)
    if (read.kind === 'IN_PART') return { kind: 'DOUBT', why: read.why }
    const asideIds = new Set(read.unreadable.map(({ orderId }) => orderId))
    const missing = await this.staged.absent(listing, channel, read.startedAt, MAX_ABSENT)
    const absent = missing.filter(({ orderId }) => !asideIds.has(orderId))
    const whole = read.unreadable.length === 0
    if (read.kind === 'FEWER' && whole) return this.concludeFewer(channel, read, absent)
    if (absent.length === 0) return proven([])
    if (missing.length === MAX_ABSENT) {
      return { kind: 'AGAIN', why: `${MAX_ABSENT} recorded orders or more are not in the list`, otherwise: null }
    }
    const absence = await this.absence.confirm(channel, listing, absent, { whole, signal: options.signal })
    if (absence.kind === 'DOUBT') {
      const left = `${absent.length} orders that the list does not show were left as they are: ${absence.why}`
      return whole ? { kind: 'AGAIN', why: absence.why, otherwise: null } : proven([], left)
    }
    const gone = absence.gone.map((order) => goneSnapshot(channel, order))
    await this.staged.add(listing, gone)
    return proven(gone.map(({ orderId }) => orderId))
  }

  /**
   * Members who hide are counted and never shown. A list cut short would lack more than a few whom we know; of those who
   * are missing it cannot be told who hid and who left.
   */
  private async concludeFewer(
    channel: Channel,
    { why, missing }: Extract<ListingRead, { kind: 'FEWER' }>,
    absent: readonly AbsentOrder[],
  ): Promise<Conclusion> {
    const known = await this.staged.recorded(channel)
    if (channel.platform !== 'MEETUP' || !mayHide(absent.length, known)) return { kind: 'AGAIN', why, otherwise: null }
    const tickets = absent.reduce((sum, { ticketIds }) => sum + ticketIds.length, 0)
    const left = `${why}: of ${tickets} recorded tickets that it does not show some are gone, and it does not say which`
    return { kind: 'AGAIN', why, otherwise: proven([], tickets > missing ? left : null) }
  }

  private async keepAside(channel: Channel, read: ListingRead, { dryRun, sink }: CheckOptions): Promise<void> {
    const rows = new Map(read.unreadable.map((row) => [row.orderId ?? `\n${row.reason}`, row]))
    if (!dryRun) {
      await this.quarantine.keep(channel, [...rows.values()])
      if (read.kind === 'WHOLE') await this.quarantine.resolveUnseen(channel, read.startedAt)
    }
    await sink([...rows.values()].map((row) => quarantined(channel, row)))
  }
}

function proven(gone: readonly string[], left: string | null = null): Proven {
  return { kind: 'PROVEN', gone: new Set(gone), left }
}

/**
 * An order that is gone, with all its missing tickets dead. Where versions are times of reading it is as of
 * now. Elsewhere it keeps the version that is recorded: should the order come back as it was, that is no older.
 */
function goneSnapshot({ platform, externalEventId }: Channel, { orderId, version, ticketIds }: AbsentOrder) {
  const snapshot: OrderSnapshot = {
    orderId,
    externalEventId,
    version: versionsAreReadTimes(platform as Platform) ? new Date().toISOString() : version,
    tickets: ticketIds.map((ticketId) => ({ ticketId, live: false, ticketClassId: null })),
    complete: false,
    buyer: null,
    placedAt: null,
  }
  return snapshot
}

export { unreadable } from './quarantined.js'
