import { Injectable, Logger } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { DIRECT } from '../domain/channel.js'
import { allocated } from '../domain/stock/ledger-account.js'
import { NotFound } from '../domain/errors.js'
import { SystemMode } from '../system-mode/system-mode.js'
import type { Hold } from '../generated/prisma/client.js'
import { BackgroundTasks } from '../infrastructure/background/background-tasks.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Config } from '../infrastructure/config/config.js'
import { MailOutbox } from '../infrastructure/mail/mail-outbox.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction, type Transaction } from '../infrastructure/prisma/transaction.js'
import { OPEN_EVENT } from '../infrastructure/prisma/live-events.js'
import { Stock } from '../stock/stock.js'
import { OnStockChanged } from '../stock/on-stock-changed.js'
import { StockEvents, type StockChanged } from '../stock/stock-events.js'
import { toDomainError } from '../stock/batching/event-batch-queue.js'
import { HoldExpiryIndex } from '../holds/hold-expiry-index.js'
import { EntryTokens } from './entry-tokens.js'
import { ELIGIBLE_ENTRY } from './offer-eligibility.js'
import { makeOffers, writeOffers, type Offer, type OfferTerms } from './make-offers.js'
import { offerMail } from './waitlist-mails.js'

const OFFER_SECONDS = 6 * 3_600
const TASK = 'waitlist offers'
const CHECK_INTERVAL_MS = 2_000
const MAX_ROUNDS = 50

type Terms = Pick<OfferTerms, 'entryId' | 'by' | 'ttlSeconds'>

/**
 * Offers free tickets to waitlist entries: manually, or in queue order when the event's policy is AUTOMATIC. An offer is
 * a longer hold, claimed with a token from an e-mail; when it expires, its tickets are free for the next entry.
 */
@Injectable()
export class WaitlistOffers {
  private readonly logger = new Logger('Waitlist')

  constructor(
    private readonly prisma: PrismaService,
    private readonly stock: Stock,
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly mode: SystemMode,
    private readonly expiryIndex: HoldExpiryIndex,
    private readonly stockEvents: StockEvents,
    private readonly outbox: MailOutbox,
    private readonly tokens: EntryTokens,
    private readonly audit: AuditService,
    private readonly background: BackgroundTasks,
  ) {}

  /** Only sales leave no units free. */
  @OnStockChanged()
  offerFreed({ delta }: StockChanged): void {
    if (delta <= 0) this.background.wake(TASK)
  }

  /** Manual, regardless of queue order. Throws FailSafe, NotFound, StateConflict unless it is WAITING, and SoldOut. */
  async offer(entryId: string, by: AuthenticatedUser, ttlSeconds: number = OFFER_SECONDS): Promise<Hold> {
    this.mode.assertAdmitting()
    const entry = await this.prisma.waitlistEntry.findUnique({ where: { id: entryId }, select: { eventId: true } })
    if (!entry) throw new NotFound('There is no such entry.')
    const offers = await this.createOffers(entry.eventId, { entryId, by, ttlSeconds }).catch((error: unknown) =>
      Promise.reject(toDomainError(error)),
    )
    const [offer] = offers
    if (!offer) throw new Error(`no offer was created for entry ${entryId}`)
    return offer.hold
  }

  /** For every event with the AUTOMATIC policy and enough free tickets for an entry; never in fail-safe mode. */
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
    const rows = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT e.id FROM events e
      WHERE waitlist_policy = 'AUTOMATIC' AND ${OPEN_EVENT} AND paused_since IS NULL AND red_alarm_since IS NULL
        AND (SELECT SUM(units) FROM balances WHERE event_id = e.id AND account IN (${allocated(DIRECT)}, 'UNALLOCATED')) >= (
          SELECT MIN(quantity) FROM waitlist_entries entry WHERE event_id = e.id AND ${ELIGIBLE_ENTRY})`
    return rows.map(({ id }) => id)
  }

  private async createOffers(eventId: string, terms: Terms): Promise<Offer[]> {
    const now = this.clock.now()
    const offers = await this.stock.transact(eventId, (tx) =>
      makeOffers(tx, eventId, { ...terms, now }, (prisma, created) => this.write(prisma, created, terms, now)),
    )
    if (offers.length === 0) return offers
    this.expiryIndex.add(
      eventId,
      offers.map(({ hold }) => hold),
    )
    this.stockEvents.emitChanged({ eventId, channel: null, delta: 0, orders: [] })
    return offers
  }

  private async write(tx: Transaction, offers: readonly Offer[], { by }: Terms, now: Date): Promise<void> {
    await writeOffers(tx, offers, now)
    await this.outbox.put(
      new PrismaTransaction(tx),
      offers.map(({ event, entry, hold }) => offerMail(event, entry, hold, this.linkOf(entry.id, hold.id))),
    )
    if (!by) return
    for (const { entry, hold } of offers) {
      const after = { holdId: hold.id, quantity: hold.quantity, expiresAt: hold.expiresAt }
      await this.audit.record(by.id, 'waitlist.offer', entry.id, { state: 'WAITING' }, after, new PrismaTransaction(tx))
    }
  }

  private linkOf(entryId: string, holdId: string): string {
    const query = new URLSearchParams({ entry: entryId, token: this.tokens.forOffer(entryId, holdId) })
    return `${this.config.http.publicUrl}/claim?${query.toString()}`
  }
}
