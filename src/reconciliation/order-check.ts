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
      let doubt = ''
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const read = await this.readWhole(channel, options.signal)
        if ('gone' in read) {
          for await (const batch of this.staged.batches(channel.id)) {
            await options.sink(await this.correction.correct(channel, batch, read.gone, options.dryRun))
          }
          return true
        }
        doubt = read.doubt
        if (!read.worthAgain) break
      }
      await options.sink([unreadable(channel, `The orders were left as they are: ${doubt}.`)])
      return false
    } finally {
      await this.staged.clear(channel.id)
    }
  }

  /** Stages the whole listing, with orders that are gone as all cancelled; or says why it proves nothing. */
  private async readWhole(
    channel: Channel,
    signal: AbortSignal,
  ): Promise<{ gone: ReadonlySet<string> } | { doubt: string; worthAgain: boolean }> {
    const listing = channel.id
    const read = await this.reader.read(channel, listing, signal)
    if (read.kind === 'IN_PART') return { doubt: read.why, worthAgain: read.worthAgain }
    const absent = await this.staged.absent(listing, channel, read.startedAt, MOST_ABSENT)
    if (absent.length === 0) return { gone: new Set() }
    if (absent.length === MOST_ABSENT)
      return { doubt: `${MOST_ABSENT} recorded orders or more are not in the list`, worthAgain: true }
    const absence = await this.absence.confirm(channel, listing, absent, signal)
    if (absence.kind === 'DOUBT') return { doubt: absence.why, worthAgain: true }
    await this.staged.add(
      listing,
      absence.gone.map((order) => goneSnapshot(channel, order)),
    )
    return { gone: new Set(absence.gone.map(({ orderId }) => orderId)) }
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
