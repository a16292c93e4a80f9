import { createHmac } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { Config } from '../infrastructure/config/config.js'
import { isSameSecret } from '../infrastructure/same-secret.js'
import { Clock } from '../infrastructure/time/clock.js'

const SHAPE = /^(?<userId>usr_[0-9a-f]{32})\.(?<expires>\d{1,12})\.(?<signature>[\w-]{43})$/

/** What a token permits: one of another purpose, or of an account whose facts have changed since, is not valid. */
export interface TokenPurpose<Owner extends { id: string }> {
  name: string
  lifetimeSeconds: number
  /** What it is bound to besides the account. */
  facts: (owner: Owner) => readonly string[]
}

/** Tokens in links of mails, which prove access to the mailbox of an account. Derived from the secret, not stored. */
@Injectable()
export class MailedTokens {
  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  create<Owner extends { id: string }>(purpose: TokenPurpose<Owner>, owner: Owner): string {
    const expires = Math.floor(this.clock.now().getTime() / 1000) + purpose.lifetimeSeconds
    return `${owner.id}.${expires}.${this.sign(purpose, owner, expires)}`
  }

  /** The account that an unexpired token names; null: malformed or expired. `matches` checks its signature. */
  accountOf(token: string): string | null {
    const { userId, expires } = SHAPE.exec(token)?.groups ?? {}
    return userId !== undefined && Number(expires) * 1000 > this.clock.now().getTime() ? userId : null
  }

  matches<Owner extends { id: string }>(purpose: TokenPurpose<Owner>, token: string, owner: Owner): boolean {
    const { userId, expires, signature = '' } = SHAPE.exec(token)?.groups ?? {}
    return userId === owner.id && isSameSecret(signature, this.sign(purpose, owner, Number(expires)))
  }

  private sign<Owner extends { id: string }>(purpose: TokenPurpose<Owner>, owner: Owner, expires: number): string {
    if (!this.config.authSecret) throw new Error('AUTH_SECRET is not loaded yet')
    const text = [purpose.name, owner.id, ...purpose.facts(owner), expires].join(' ')
    return createHmac('sha256', this.config.authSecret).update(text).digest('base64url')
  }
}
