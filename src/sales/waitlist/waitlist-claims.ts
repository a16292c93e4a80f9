import { Injectable } from '@nestjs/common'
import { NotFound } from '../../domain/errors.js'
import type { Prisma } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import type { HoldDto } from '../hold-answers.js'
import { HoldCheckout } from '../hold-checkout.js'
import { EntryTokens } from './entry-tokens.js'
import type { ClaimBody, OwnEntryDto } from './waitlist-bodies.js'
import { isInLine, Waitlist } from './waitlist.js'

const WITH_OFFER = { hold: true, event: true } as const
type Entry = Prisma.WaitlistEntryGetPayload<{ include: typeof WITH_OFFER }>

/** What somebody on the waitlist does with their entry, known by a token instead of an account. */
@Injectable()
export class WaitlistClaims {
  constructor(
    private readonly prisma: PrismaService,
    private readonly waitlist: Waitlist,
    private readonly tokens: EntryTokens,
    private readonly checkout: HoldCheckout,
  ) {}

  /** Throws NotFound, also for a wrong token. */
  async look(id: string, token: string): Promise<OwnEntryDto> {
    const entry = await this.find(id)
    const ofOffer = this.isOfOffer(token, entry)
    if (!ofOffer && !this.tokens.isOfEntry(token, id)) throw new NotFound('There is no such entry.')
    const { state, quantity, seq, eventId, event, hold } = entry
    return {
      id,
      state,
      quantity,
      eventName: event.name,
      priced: (event.priceCents ?? 0) > 0,
      position: isInLine(entry) ? await this.waitlist.positionOf(eventId, seq) : null,
      ...(ofOffer && hold ? { offer: await this.checkout.show(hold) } : {}),
    }
  }

  /** Buys what was offered; repeating it answers what came of the first time. Throws as confirming a hold does. */
  async claim(id: string, { token, buyer, payment }: ClaimBody): Promise<HoldDto> {
    const entry = await this.find(id)
    if (!entry.hold || !this.isOfOffer(token, entry)) throw new NotFound('There is no such offer.')
    const { name, email, hold } = entry
    return this.checkout.buy(hold, buyer ?? { name, email }, payment, null)
  }

  private isOfOffer(token: string, { id, holdId }: Entry): boolean {
    return this.tokens.isOfOffer(token, id, holdId)
  }

  private async find(id: string): Promise<Entry> {
    const entry = await this.prisma.waitlistEntry.findUnique({ where: { id }, include: WITH_OFFER })
    if (!entry) throw new NotFound('There is no such entry.')
    return entry
  }
}
