import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { AuditService } from '../../accounts/audit.service.js'
import { NotFound } from '../../domain/errors.js'
import { SystemMode } from '../../fail-safe/system-mode.js'
import type { Hold } from '../../generated/prisma/client.js'
import { Clock } from '../../infrastructure/clock.js'
import { Config } from '../../infrastructure/config/config.js'
import { MailOutbox } from '../../infrastructure/mail/mail-outbox.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../../infrastructure/repeat.js'
import type { Transaction } from '../../inventory/ledger.js'
import { OPEN_EVENT } from '../../inventory/live-events.js'
import { Stock } from '../../inventory/stock.js'
import { StockEvents } from '../../inventory/stock-events.js'
import { toCaller } from '../event-lane.js'
import { HoldExpiryIndex } from '../hold-expiry-index.js'
import { EntryTokens } from './entry-tokens.js'
import { IN_TURN } from './in-turn.js'
import { makeOffers, writeOffers, type Offer, type OfferTerms } from './make-offers.js'
import { offerMail } from './waitlist-mails.js'

const OFFER_SECONDS = 6 * 3_600
const LOOK_EVERY_MS = 2_000
const MAX_ROUNDS = 50

type Terms = Pick<OfferTerms, 'entryId' | 'by' | 'ttlSeconds'>

/**
 * Offers free tickets to people on the waitlist: by hand, or in order by itself where the event says so. An offer is a
 * hold that lasts longer and that a token in a mail claims; when it lapses its tickets are free for the next.
 */
@Injectable()
export class WaitlistOffers implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Waitlist')
  private repeating: Repeating | null = null
  private deaf: () => void = () => undefined

  constructor(
    private readonly prisma: PrismaService,
    private readonly stock: Stock,
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly mode: SystemMode,
    private readonly watch: HoldExpiryIndex,
    private readonly stockEvents: StockEvents,
    private readonly outbox: MailOutbox,
    private readonly tokens: EntryTokens,
    private readonly audit: AuditService,
  ) {}

  start(): void {
    const failed = (error: unknown) => this.logger.warn({ err: error }, 'offers to the waitlist failed, it is repeated')
    this.repeating = repeatEvery(LOOK_EVERY_MS, () => this.offerAll(), failed)
    this.deaf = this.stockEvents.onChanged(({ delta }) => {
      if (delta <= 0) this.repeating?.hurry()
    })
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.deaf()
    await this.repeating?.stop()
  }

  /** By hand, out of turn. Throws FailSafe; NotFound; StateConflict for who does not wait any more; SoldOut. */
  async offer(entryId: string, by: AuthenticatedUser, ttlSeconds: number = OFFER_SECONDS): Promise<Hold> {
    this.mode.assertAdmitting()
    const entry = await this.prisma.waitlistEntry.findUnique({ where: { id: entryId }, select: { eventId: true } })
    if (!entry) throw new NotFound('There is no such entry.')
    const offers = await this.make(entry.eventId, { entryId, by, ttlSeconds }).catch((error: unknown) =>
      Promise.reject(toCaller(error)),
    )
    const [offer] = offers
    if (!offer) throw new Error(`entry ${entryId} was offered nothing`)
    return offer.hold
  }

  /** Everywhere something is free for somebody who waits and the policy says so; never while nothing is sold. */
  async offerAll(): Promise<void> {
    for (const eventId of await this.eventsInQuestion()) {
      for (let round = 0; round < MAX_ROUNDS && this.mode.current() === 'NORMAL'; round++) {
        const offers = await this.make(eventId, { entryId: null, by: null, ttlSeconds: OFFER_SECONDS })
        if (offers.length === 0) break
        this.logger.log({ eventId, offers: offers.length }, 'free tickets were offered to the waitlist')
      }
    }
  }

  /** A look without locks, so that events that are sold out cost next to nothing. */
  private async eventsInQuestion(): Promise<string[]> {
    if (this.mode.current() !== 'NORMAL') return []
    const rows = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT e.id FROM events e JOIN balances ON balances.event_id = e.id
      WHERE waitlist_policy = 'AUTOMATIC' AND ${OPEN_EVENT} AND paused_since IS NULL AND red_alarm_since IS NULL
        AND balances.allocated_direct + balances.unallocated >= (
          SELECT MIN(quantity) FROM waitlist_entries entry WHERE event_id = e.id AND ${IN_TURN})`
    return rows.map(({ id }) => id)
  }

  private async make(eventId: string, terms: Terms): Promise<Offer[]> {
    const now = this.clock.now()
    const offers = await this.stock.transact(eventId, (tx) =>
      makeOffers(tx, eventId, { ...terms, now }, (prisma, made) => this.write(prisma, made, terms, now)),
    )
    if (offers.length === 0) return offers
    this.watch.watch(
      eventId,
      offers.map(({ hold }) => hold),
    )
    this.stockEvents.changed({ eventId, channel: null, delta: 0, orders: [] })
    return offers
  }

  private async write(tx: Transaction, offers: readonly Offer[], { by }: Terms, now: Date): Promise<void> {
    await writeOffers(tx, offers, now)
    await this.outbox.put(
      tx,
      offers.map(({ event, entry, hold }) => offerMail(event, entry, hold, this.linkOf(entry.id, hold.id))),
    )
    if (!by) return
    for (const { entry, hold } of offers) {
      const after = { holdId: hold.id, quantity: hold.quantity, expiresAt: hold.expiresAt }
      await this.audit.record(by.id, 'waitlist.offer', entry.id, { state: 'WAITING' }, after, tx)
    }
  }

  private linkOf(entryId: string, holdId: string): string {
    const query = new URLSearchParams({ entry: entryId, token: this.tokens.forOffer(entryId, holdId) })
    return `${this.config.http.publicUrl}/claim?${query.toString()}`
  }
}
