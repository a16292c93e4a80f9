import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { ValidationFailed } from '../../domain/errors.js'
import type { User } from '../../generated/prisma/client.js'
import { Config } from '../../infrastructure/config/config.js'
import { MailOutbox, type MailToSend } from '../../infrastructure/mail/mail-outbox.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../../infrastructure/prisma/transaction.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { LoginThrottle } from '../login/login-throttle.js'
import { MailedTokens, type TokenPurpose } from '../mailed-tokens.js'
import { hashPassword } from '../passwords.js'
import { PasswordChange } from './password-change.js'

/** Between two mails to an account, ms: anyone can request them. */
const PAUSE_MS = 5 * 60_000
/** Requests that are processed at a time in this process; further ones wait. */
const MAX_CONCURRENT = 2
const MAX_WAITING = 1_000

/** Bound to the present password: valid once, and no longer after any other change of it. */
const RESET: TokenPurpose<Pick<User, 'id' | 'email' | 'passwordHash'>> = {
  name: 'reset password',
  lifetimeSeconds: 30 * 60,
  facts: ({ email, passwordHash }) => [email, passwordHash],
}

/** New passwords by mail, for customers and staff. A second factor stays required. */
@Injectable()
export class PasswordReset implements OnApplicationShutdown {
  private readonly logger = new Logger('PasswordReset')
  private readonly waiting = new Set<string>()
  private readonly running = new Set<Promise<void>>()

  constructor(
    private readonly prisma: PrismaService,
    private readonly outbox: MailOutbox,
    private readonly tokens: MailedTokens,
    private readonly change: PasswordChange,
    private readonly throttle: LoginThrottle,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * Sends a link to the account with this address, at most every five minutes; nothing where mails are not sent. Returns
   * before the account is searched: neither the response nor its time depends on whether there is one.
   */
  request(email: string): void {
    if (this.config.mail.smtpUrl === null || this.waiting.size >= MAX_WAITING) return
    this.waiting.add(email)
    this.startNext()
  }

  /** Sets the password and ends all sessions. Throws ValidationFailed for a token that is not valid. */
  async complete(token: string, newPassword: string, ip: string): Promise<void> {
    const id = this.tokens.accountOf(token)
    const user = id === null ? null : await this.prisma.user.findUnique({ where: { id } })
    if (!user?.active || !this.tokens.matches(RESET, token, user)) throw invalidToken()
    const passwordHash = await this.throttle.inOrder(ip, (client) => hashPassword(newPassword, client))
    await this.prisma.$transaction(async (transaction) => {
      if (!(await this.change.replace(transaction, user, passwordHash))) throw invalidToken()
      // The link was read in the mailbox of the account.
      const where = { id: user.id, role: 'CUSTOMER', emailVerifiedAt: null } as const
      await transaction.user.updateMany({ where, data: { emailVerifiedAt: this.clock.now() } })
      await transaction.loginFailure.deleteMany({ where: { email: user.email } })
    })
  }

  async onApplicationShutdown(): Promise<void> {
    this.waiting.clear()
    await Promise.all(this.running)
  }

  private startNext(): void {
    const [email] = this.waiting
    if (email === undefined || this.running.size >= MAX_CONCURRENT) return
    this.waiting.delete(email)
    const run = this.sendTo(email)
      .catch((error: unknown) => this.logger.error({ error }, 'a link for a new password was not sent'))
      .finally(() => {
        this.running.delete(run)
        this.startNext()
      })
    this.running.add(run)
  }

  private async sendTo(email: string): Promise<void> {
    const now = this.clock.now()
    const due = [{ passwordResetSentAt: null }, { passwordResetSentAt: { lte: new Date(now.getTime() - PAUSE_MS) } }]
    await this.prisma.$transaction(async (transaction) => {
      const data = { passwordResetSentAt: now }
      const users = await transaction.user.updateManyAndReturn({ where: { email, active: true, OR: due }, data })
      const mails = users.map((user) => this.mailTo(user))
      await this.outbox.put(new PrismaTransaction(transaction), mails)
    })
  }

  /** Without the name of the account, which anyone can choose. */
  private mailTo(user: User): MailToSend {
    // Behind `#`: not sent to a server, nor stored in its logs, before it is posted.
    const link = `${this.config.http.publicUrl}/#/password/${this.tokens.create(RESET, user)}`
    const text = [
      'Hello,',
      `a new password was requested for the account with this e-mail address. Choose it here:\n${link}`,
      'The link is valid for 30 minutes and can be used once. If this was not you, ignore this mail: the password stays as it is.',
    ]
    const subject = 'Choose a new password'
    return { kind: 'PASSWORD_RESET', about: user.id, recipient: user.email, subject, text: `${text.join('\n\n')}\n` }
  }
}

function invalidToken(): ValidationFailed {
  return ValidationFailed.of('token', 'is not valid, was used, or has expired: request a new link')
}
