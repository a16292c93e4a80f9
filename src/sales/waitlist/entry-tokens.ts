import { createHmac, timingSafeEqual } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { Config } from '../../infrastructure/config/config.js'

/** What somebody on the waitlist proves with that an entry, or an offer, is theirs. Made from the secret, kept nowhere. */
@Injectable()
export class EntryTokens {
  constructor(private readonly config: Config) {}

  /** To look at the entry and to leave. */
  forEntry(entryId: string): string {
    return this.sign(`waitlist entry ${entryId}`)
  }

  /** To take one offer; sent by mail alone. */
  forOffer(entryId: string, holdId: string): string {
    return this.sign(`waitlist offer ${entryId} ${holdId}`)
  }

  isOfEntry(token: string, entryId: string): boolean {
    return same(token, this.forEntry(entryId))
  }

  isOfOffer(token: string, entryId: string, holdId: string | null): boolean {
    return holdId !== null && same(token, this.forOffer(entryId, holdId))
  }

  private sign(text: string): string {
    if (!this.config.authSecret) throw new Error('The secret is not known yet')
    return createHmac('sha256', this.config.authSecret).update(text).digest('base64url')
  }
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
