import { Injectable } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Channel } from '../generated/prisma/client.js'
import { AbsenceCheck } from './absence.js'
import type { Drift, DriftSink } from './drift.js'
import { ListingReader } from './listing-reader.js'
import { OrderCorrection } from './order-correction.js'
import { StagedOrders, type AbsentOrder } from './staged-orders.js'

export interface CheckOptions {
  /** Changes nothing. */
  dryRun: boolean
  sink: DriftSink
  signal: AbortSignal
}

/**
 * What a listing proves: which orders are `gone`, or nothing. `AGAIN`: it may have moved while it was read. `explained`:
 * if another reading says the same, what it shows is all that can be seen, and nothing that is recorded is missing.
 */
type Conclusion =
  | { kind: 'PROVEN'; gone: ReadonlySet<string> }
  | { kind: 'AGAIN'; why: string; explained: boolean }
  | { kind: 'DOUBT'; why: string }

/** A list that moved while it was read is read once more. */
const ATTEMPTS = 2
/** More orders than that are not missing: the list is wrong. */
const MOST_ABSENT = 10_000

/** Compares all orders of one channel with the ledger, ticket by ticket, and corrects the ledger. */
@Injectable()
export class OrderCheck {
  constructor(
    private readonly reader: ListingReader,
    private readonly staged: StagedOrders,
    private readonly absence: AbsenceCheck,
    private readonly correction: OrderCorrection,
  ) {}

  /** False: the listing could not be read as a whole, so that nothing was concluded. @throws Stopped */
  async check(channel: Channel, options: CheckOptions): Promise<boolean> {
    try {
      let conclusion = await this.conclude(channel, options.signal)
      for (let attempt = 2; attempt <= ATTEMPTS && conclusion.kind === 'AGAIN'; attempt++) {
        conclusion = await this.conclude(channel, options.signal)
      }
      if (conclusion.kind === 'DOUBT' || (conclusion.kind === 'AGAIN' && !conclusion.explained)) {
        await options.sink([unreadable(channel, `The orders were left as they are: ${conclusion.why}.`)])
        return false
      }
      const gone: ReadonlySet<string> = conclusion.kind === 'PROVEN' ? conclusion.gone : new Set()
      for await (const batch of this.staged.batches(channel.id)) {
        await options.sink(await this.correction.correct(channel, batch, gone, options.dryRun))
      }
      return true
    } finally {
      await this.staged.clear(channel.id)
    }
  }

  /** Stages the whole listing, with orders that are gone as all cancelled; or says why it proves nothing. */
  private async conclude(channel: Channel, signal: AbortSignal): Promise<Conclusion> {
    const listing = channel.id
    const read = await this.reader.read(channel, listing, signal)
    if (read.kind === 'IN_PART') return { kind: 'DOUBT', why: read.why }
    const absent = await this.staged.absent(listing, channel, read.startedAt, MOST_ABSENT)
    if (read.kind === 'FEWER') {
      // Members who hide are counted and never shown. A list cut short would lack somebody we know.
      const explained = channel.platform === 'MEETUP' && absent.length === 0
      return { kind: 'AGAIN', why: read.why, explained }
    }
    if (absent.length === 0) return { kind: 'PROVEN', gone: new Set() }
    if (absent.length === MOST_ABSENT) {
      return { kind: 'AGAIN', why: `${MOST_ABSENT} recorded orders or more are not in the list`, explained: false }
    }
    const absence = await this.absence.confirm(channel, listing, absent, signal)
    if (absence.kind === 'DOUBT') return { kind: 'AGAIN', why: absence.why, explained: false }
    await this.staged.add(
      listing,
      absence.gone.map((order) => goneSnapshot(channel, order)),
    )
    return { kind: 'PROVEN', gone: new Set(absence.gone.map(({ orderId }) => orderId)) }
  }
}

/**
 * An order that is gone, with all its missing tickets dead. Where versions are times of reading (Luma) it is as of
 * now. Elsewhere it keeps the version that is recorded: should the order come back as it was, that is no older.
 */
function goneSnapshot({ platform, externalEventId }: Channel, { orderId, version, ticketIds }: AbsentOrder) {
  const snapshot: OrderSnapshot = {
    orderId,
    externalEventId,
    version: platform === 'LUMA' ? new Date().toISOString() : version,
    tickets: ticketIds.map((ticketId) => ({ ticketId, live: false, ticketClassId: null })),
    complete: false,
    buyer: null,
    placedAt: null,
  }
  return snapshot
}

export function unreadable({ eventId, platform }: Channel, detail: string): Drift {
  const channel = platform as Platform
  const nothing = { externalOrderId: null, ledger: null, platform: null, corrected: false }
  return { eventId, channel, kind: 'UNREADABLE', ...nothing, detail }
}
