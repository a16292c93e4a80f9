import { createHmac, timingSafeEqual } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { Clock } from '../../infrastructure/time/clock.js'
import { Config } from '../../infrastructure/config/config.js'

const LIFETIME_SECONDS = 7 * 86_400
const SHAPE = /^(?<userId>usr_[0-9a-f]{32})\.(?<expires>\d{1,12})\.(?<signature>[\w-]{43})$/

interface Owner {
  id: string
  email: string
}

/** Tokens that prove access to the mailbox of an account. Derived from the secret, valid for a week, not stored. */
@Injectable()
export class VerificationTokens {
  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  create(owner: Owner): string {
    const expires = Math.floor(this.clock.now().getTime() / 1000) + LIFETIME_SECONDS
    return `${owner.id}.${expires}.${this.sign(owner, expires)}`
  }

  /** The account that an unexpired token names; null: malformed or expired. `matches` checks its signature. */
  accountOf(token: string): string | null {
    const { userId, expires } = SHAPE.exec(token)?.groups ?? {}
    return userId !== undefined && Number(expires) * 1000 > this.clock.now().getTime() ? userId : null
  }

  matches(token: string, owner: Owner): boolean {
    const { userId, expires, signature = '' } = SHAPE.exec(token)?.groups ?? {}
    const expected = Buffer.from(this.sign(owner, Number(expires)))
    const given = Buffer.from(signature)
    return userId === owner.id && given.length === expected.length && timingSafeEqual(given, expected)
  }

  private sign({ id, email }: Owner, expires: number): string {
    if (!this.config.authSecret) throw new Error('AUTH_SECRET is not loaded yet')
    const text = `verify e-mail ${id} ${email} ${expires}`
    return createHmac('sha256', this.config.authSecret).update(text).digest('base64url')
  }
}
