import { Injectable } from '@nestjs/common'
import { RateLimited, ValidationFailed } from '../../domain/errors.js'
import type { User } from '../../generated/prisma/client.js'
import { Config } from '../../infrastructure/config/config.js'
import { MailOutbox, type MailToSend } from '../../infrastructure/mail/mail-outbox.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../../infrastructure/prisma/transaction.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { MailedTokens, type TokenPurpose } from '../mailed-tokens.js'

/** Between two mails, ms: an account can have the address of another person, which must not be flooded. */
const PAUSE_MS = 5 * 60_000

const VERIFICATION: TokenPurpose<Pick<User, 'id' | 'email'>> = {
  name: 'verify e-mail',
  lifetimeSeconds: 7 * 86_400,
  facts: ({ email }) => [email],
}

/** Customers prove that their e-mail address is theirs. Required for holds where mails are sent. */
@Injectable()
export class EmailVerification {
  constructor(
    private readonly prisma: PrismaService,
    private readonly outbox: MailOutbox,
    private readonly tokens: MailedTokens,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Sends the link to a new account, in the transaction that creates it. Does nothing where mails are not sent. */
  async start(transaction: DatabaseTransaction, user: Pick<User, 'id' | 'email'>): Promise<void> {
    if (this.isRequired) await this.outbox.put(transaction, [this.mailTo(user)])
  }

  /** Sends the link again; nothing for a verified account. Throws RateLimited within five minutes of the last one. */
  async repeat(userId: string): Promise<void> {
    const now = this.clock.now()
    await this.prisma.$transaction(async (client) => {
      const [user] = await client.$queryRaw<Pick<User, 'id' | 'email' | 'emailVerifiedAt' | 'verificationSentAt'>[]>`
        SELECT id, email, email_verified_at AS "emailVerifiedAt", verification_sent_at AS "verificationSentAt"
        FROM users WHERE id = ${userId} FOR UPDATE`
      if (!user || user.emailVerifiedAt !== null) return
      const waitMs = (user.verificationSentAt?.getTime() ?? 0) + PAUSE_MS - now.getTime()
      if (waitMs > 0) {
        const retryAfterSeconds = Math.ceil(waitMs / 1000)
        throw new RateLimited('The mail was sent a moment ago. Try again later.', { retryAfterSeconds })
      }
      await client.user.update({ where: { id: userId }, data: { verificationSentAt: now } })
      await this.outbox.put(new PrismaTransaction(client), [this.mailTo(user)])
    })
  }

  /** Idempotent. Throws ValidationFailed for a token that is not valid. */
  async verify(token: string): Promise<void> {
    const id = this.tokens.accountOf(token)
    const user = id === null ? null : await this.prisma.user.findUnique({ where: { id } })
    if (!user || !this.tokens.matches(VERIFICATION, token, user)) {
      throw ValidationFailed.of('token', 'is not valid or has expired: request a new link')
    }
    const where = { id: user.id, email: user.email, emailVerifiedAt: null }
    await this.prisma.user.updateMany({ where, data: { emailVerifiedAt: this.clock.now() } })
  }

  /** When the first mail of an account created now is sent; null: not at all. */
  get firstSentAt(): Date | null {
    return this.isRequired ? this.clock.now() : null
  }

  private get isRequired(): boolean {
    return this.config.mail.smtpUrl !== null
  }

  /** Without the name of the account: anyone can register with any name and the address of another person. */
  private mailTo(user: Pick<User, 'id' | 'email'>): MailToSend {
    // Behind `#`: not sent to a server, nor stored in its logs, before it is posted.
    const link = `${this.config.http.publicUrl}/#/verify/${this.tokens.create(VERIFICATION, user)}`
    const text = [
      'Hello,',
      `an account for buying tickets was created with this e-mail address. Please confirm that it is yours:\n${link}`,
      'The link is valid for a week. If this was not you, ignore this mail: without the confirmation the account cannot reserve tickets.',
    ]
    const subject = 'Please confirm your e-mail address'
    return { kind: 'VERIFICATION', about: user.id, recipient: user.email, subject, text: `${text.join('\n\n')}\n` }
  }
}
