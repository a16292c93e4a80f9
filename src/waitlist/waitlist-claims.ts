import { Injectable } from '@nestjs/common'
import { eventNotFound, NotFound } from '../domain/errors.js'
import { HoldAccess } from '../holds/hold-access.js'
import type { HoldDto } from '../holds/holds.dto.js'
import { HoldCheckout } from '../payments/checkout/hold-checkout.js'
import { paymentForm } from '../payments/checkout/payment-form.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Config } from '../infrastructure/config/config.js'
import { DEFAULT_CURRENCY } from '../domain/currency.js'
import { EventStore } from '../stock/event-store.js'
import { EntryTokens } from './entry-tokens.js'
import type { ClaimBody, OwnEntryDto } from './waitlist.dto.js'
import { Waitlist } from './waitlist.js'
import { isQueued, WaitlistStore, type EntryWithHold } from './waitlist-store.js'

/** Operations on a waitlist entry by its owner, who is identified by a token instead of an account. */
@Injectable()
export class WaitlistClaims {
  constructor(
    private readonly entries: WaitlistStore,
    private readonly events: EventStore,
    private readonly waitlist: Waitlist,
    private readonly tokens: EntryTokens,
    private readonly holds: HoldAccess,
    private readonly checkout: HoldCheckout,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Throws NotFound, also for an invalid token. */
  async get(id: string, token: string): Promise<OwnEntryDto> {
    const entry = await this.find(id)
    const hasOfferToken = this.matchesOffer(token, entry)
    if (!hasOfferToken && !this.tokens.matchesEntry(token, id)) throw new NotFound('There is no such entry.')
    return this.toDto(entry, hasOfferToken)
  }

  /** Confirms the address of the entry with the token of its mail. Idempotent. Throws NotFound, also for an invalid token. */
  async verify(id: string, token: string): Promise<OwnEntryDto> {
    if (!this.tokens.matchesAddress(token, id)) throw new NotFound('There is no such entry.')
    await this.entries.verify(id, this.clock.now())
    return this.toDto(await this.find(id), false)
  }

  private async toDto(entry: EntryWithHold, hasOfferToken: boolean): Promise<OwnEntryDto> {
    const { id, state, quantity, seq, eventId, hold, verifiedAt } = entry
    const event = await this.events.find(eventId)
    if (!event) throw eventNotFound()
    const priceCents = hold?.priceCents ?? event.priceCents ?? 0
    return {
      id,
      state,
      quantity,
      emailVerified: verifiedAt !== null,
      eventName: event.name,
      priced: priceCents > 0,
      amount: priceCents * quantity,
      currency: event.currency ?? DEFAULT_CURRENCY,
      payment: paymentForm(this.config),
      position: isQueued(entry) ? await this.waitlist.positionOf(eventId, seq) : null,
      ...(hasOfferToken && hold ? { offer: await this.holds.toDto(hold) } : {}),
    }
  }

  /** Buys the offered tickets. Idempotent: a retry returns the first outcome. Throws as `HoldCheckout.confirm`. */
  async claim(id: string, { token, buyer, payment }: ClaimBody): Promise<HoldDto> {
    const entry = await this.find(id)
    if (!entry.hold || !this.matchesOffer(token, entry)) throw new NotFound('There is no such offer.')
    const { name, email, hold } = entry
    return this.checkout.buy(hold, buyer ?? { name, email }, payment, null, email)
  }

  private matchesOffer(token: string, { id, holdId }: EntryWithHold): boolean {
    return this.tokens.matchesOffer(token, id, holdId)
  }

  private async find(id: string): Promise<EntryWithHold> {
    const entry = await this.entries.find(id)
    if (!entry) throw new NotFound('There is no such entry.')
    return entry
  }
}
