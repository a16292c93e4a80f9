import { createHmac } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { Config } from '../infrastructure/config/config.js'
import { isSameSecret } from '../infrastructure/same-secret.js'

/** Tokens that prove ownership of a waitlist entry or an offer. Derived from the secret, not stored. */
@Injectable()
export class EntryTokens {
  constructor(private readonly config: Config) {}

  /** Allows reading the entry and leaving the waitlist. */
  forEntry(entryId: string): string {
    return this.sign(`waitlist entry ${entryId}`)
  }

  /** Proves that the address of the entry receives mails; sent only by e-mail. */
  forAddress(entryId: string): string {
    return this.sign(`waitlist address ${entryId}`)
  }

  /** Allows claiming one offer; sent only by e-mail. */
  forOffer(entryId: string, holdId: string): string {
    return this.sign(`waitlist offer ${entryId} ${holdId}`)
  }

  matchesEntry(token: string, entryId: string): boolean {
    return isSameSecret(token, this.forEntry(entryId))
  }

  matchesAddress(token: string, entryId: string): boolean {
    return isSameSecret(token, this.forAddress(entryId))
  }

  matchesOffer(token: string, entryId: string, holdId: string | null): boolean {
    return holdId !== null && isSameSecret(token, this.forOffer(entryId, holdId))
  }

  private sign(text: string): string {
    if (!this.config.authSecret) throw new Error('AUTH_SECRET is not loaded yet')
    return createHmac('sha256', this.config.authSecret).update(text).digest('base64url')
  }
}
