import { Injectable, Logger } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { NotFound } from '../domain/errors.js'
import { SystemMode } from '../system-mode/system-mode.js'
import type { Hold } from '../domain/hold-record.js'
import { BackgroundTasks } from '../infrastructure/background/background-tasks.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Config } from '../infrastructure/config/config.js'
import { MailOutbox } from '../infrastructure/mail/mail-outbox.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import { Stock } from '../stock/stock.js'
import { OnStockChanged } from '../stock/on-stock-changed.js'
import { StockEvents, type StockChanged } from '../stock/stock-events.js'
import { toDomainError } from '../stock/batching/event-batch-queue.js'
import { HoldSeats } from '../holds/hold-seats.js'
import { HoldStore } from '../holds/hold-store.js'
import { EventStore } from '../stock/event-store.js'
import { SeatStore } from '../seats/seat-store.js'
import { makeOffers, type Offer, type OfferStores, type OfferTerms } from './make-offers.js'
import { WaitlistLinks } from './waitlist-links.js'
import { offerMail } from './waitlist-mails.js'
import { WaitlistStore } from './waitlist-store.js'

const OFFER_SECONDS = 6 * 3_600
const TASK = 'waitlist offers'
const CHECK_INTERVAL_MS = 2_000
const MAX_ROUNDS = 50

type Terms = Pick<OfferTerms, 'entryId' | 'by' | 'ttlSeconds'>

/**
 * Offers free tickets to waitlist entries: manually, or in queue order when the event's policy is AUTOMATIC and its
 * tickets are not on general sale. An offer is a longer hold, claimed with a token from an e-mail; when it expires, its
 * tickets are free for the next entry.
 */
@Injectable()
export class WaitlistOffers {
  private readonly logger = new Logger('Waitlist')
  private readonly stores: OfferStores

  constructor(
    private readonly entries: WaitlistStore,
    private readonly stock: Stock,
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly mode: SystemMode,
    private readonly stockEvents: StockEvents,
    private readonly outbox: MailOutbox,
    private readonly links: WaitlistLinks,
    private readonly audit: AuditService,
    private readonly background: BackgroundTasks,
    events: EventStore,
    seats: SeatStore,
    holds: HoldStore,
    holdSeats: HoldSeats,
  ) {
    this.stores = { events, entries, seats, holds, holdSeats }
  }

  /** Sales and new holds free no units. */
  @OnStockChanged()
  offerFreed({ delta, heldOnly }: StockChanged): void {
    if (delta <= 0 && !heldOnly) this.background.wake(TASK)
  }

  /** Manual, regardless of queue order. Throws FailSafe, NotFound, StateConflict unless it is WAITING, and SoldOut. */
  async offer(entryId: string, by: AuthenticatedUser, ttlSeconds: number = OFFER_SECONDS): Promise<Hold> {
    this.mode.assertAdmitting()
    const entry = await this.entries.find(entryId)
    if (!entry) throw new NotFound('There is no such entry.')
    const offers = await this.createOffers(entry.eventId, { entryId, by, ttlSeconds }).catch((error: unknown) =>
      Promise.reject(toDomainError(error)),
    )
    const [offer] = offers
    if (!offer) throw new Error(`no offer was created for entry ${entryId}`)
    return offer.hold
  }

  /**
   * For every event with the AUTOMATIC policy and enough free tickets for an entry, while it is in a red alarm, or from
   * when it is sold out until no entry takes what becomes free. Never in fail-safe mode.
   */
  @Periodic({ name: TASK, every: CHECK_INTERVAL_MS })
  async offerAll(): Promise<void> {
    for (const eventId of await this.eventsToCheck()) {
      for (let round = 0; round < MAX_ROUNDS && this.mode.current() === 'NORMAL'; round++) {
        const offers = await this.createOffers(eventId, { entryId: null, by: null, ttlSeconds: OFFER_SECONDS })
        if (offers.length === 0) break
        this.logger.log({ eventId, offers: offers.length }, 'offered free tickets to the waitlist')
      }
    }
  }

  /** Reads without locks, so that sold-out events cost almost nothing. */
  private async eventsToCheck(): Promise<string[]> {
    if (this.mode.current() !== 'NORMAL') return []
    return this.entries.eventsToOffer(this.verifiedOnly)
  }

  /** Without a mail server no link to confirm an address is received. */
  private get verifiedOnly(): boolean {
    return this.config.mail.smtpUrl !== null
  }

  private async createOffers(eventId: string, terms: Terms): Promise<Offer[]> {
    const now = this.clock.now()
    const offers = await this.stock.transact(eventId, async (tx) => {
      const made = await makeOffers(tx, eventId, { ...terms, verifiedOnly: this.verifiedOnly, now }, this.stores)
      await this.recordOffers(tx.transaction, made, terms)
      return made
    })
    if (offers.length === 0) return offers
    this.stockEvents.emitChanged({ eventId, channel: null, delta: 0, orders: [] })
    return offers
  }

  /** Sends their mails, and records who made them. */
  private async recordOffers(transaction: DatabaseTransaction, offers: readonly Offer[], { by }: Terms): Promise<void> {
    await this.outbox.put(
      transaction,
      offers.map(({ event, entry, hold }) => offerMail(event, entry, hold, this.links.toOffer(entry.id, hold.id))),
    )
    if (!by) return
    for (const { entry, hold } of offers) {
      const after = { holdId: hold.id, quantity: hold.quantity, expiresAt: hold.expiresAt }
      await this.audit.record(by.id, 'waitlist.offer', entry.id, { state: 'WAITING' }, after, transaction)
    }
  }
}
