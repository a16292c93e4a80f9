import { Injectable } from '@nestjs/common'
import { Config } from '../infrastructure/config/config.js'
import { EntryTokens } from './entry-tokens.js'

/** Links to the claim page. What is behind the # is not sent to any server, so that no log contains the token. */
@Injectable()
export class WaitlistLinks {
  constructor(
    private readonly config: Config,
    private readonly tokens: EntryTokens,
  ) {}

  /** Where the offer is claimed. */
  toOffer(entryId: string, holdId: string): string {
    return this.to({ entry: entryId, token: this.tokens.forOffer(entryId, holdId) })
  }

  /** Where the address of the entry is confirmed. */
  toConfirmation(entryId: string): string {
    return this.to({ entry: entryId, verify: this.tokens.forAddress(entryId) })
  }

  private to(parameters: Record<string, string>): string {
    return `${this.config.http.publicUrl}/claim#${new URLSearchParams(parameters).toString()}`
  }
}
