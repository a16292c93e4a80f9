import { Injectable } from '@nestjs/common'
import { StateConflict, ValidationFailed } from '../../domain/errors.js'
import type { Prisma, User } from '../../generated/prisma/client.js'
import { Config } from '../../infrastructure/config/config.js'
import { MailOutbox } from '../../infrastructure/mail/mail-outbox.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../../infrastructure/prisma/transaction.js'
import { AuditService } from '../audit.service.js'
import { isStaff, type AuthenticatedUser } from '../authenticated-user.js'
import { LoginThrottle } from '../login/login-throttle.js'
import { SessionsService } from '../login/sessions.service.js'
import { hashPassword, matchesPassword } from '../passwords.js'

/** Users set their own passwords. Their other sessions end, they get a mail about it, and that of staff is audited. */
@Injectable()
export class PasswordChange {
  constructor(
    private readonly prisma: PrismaService,
    private readonly sessions: SessionsService,
    private readonly throttle: LoginThrottle,
    private readonly audit: AuditService,
    private readonly outbox: MailOutbox,
    private readonly config: Config,
  ) {}

  /**
   * Keeps the session of the request. Wrong passwords count as failed logins.
   * Throws ValidationFailed for a wrong password, RateLimited after too many.
   */
  async byCurrentPassword(
    { id, email, sessionId }: AuthenticatedUser,
    { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
    ip: string,
  ): Promise<void> {
    const user = await this.throttle.guard(email, ip, async (client) => {
      const found = await this.prisma.user.findUnique({ where: { id } })
      return found && (await matchesPassword(found.passwordHash, currentPassword, client)) ? found : null
    })
    if (!user) throw ValidationFailed.of('currentPassword', 'is not the password of this account')
    const passwordHash = await this.throttle.inOrder(ip, (client) => hashPassword(newPassword, client))
    await this.prisma.$transaction(async (transaction) => {
      if (!(await this.replace(transaction, user, passwordHash, sessionId))) {
        throw new StateConflict('The password was changed by another request.')
      }
    })
  }

  /**
   * In the caller's transaction: sets a password if the present one is still that of `user`, and ends all sessions but
   * `session`. Returns whether it was set.
   */
  async replace(
    transaction: Prisma.TransactionClient,
    user: User,
    passwordHash: string,
    session?: string,
  ): Promise<boolean> {
    const where = { id: user.id, passwordHash: user.passwordHash, active: true }
    const { count } = await transaction.user.updateMany({ where, data: { passwordHash } })
    if (count === 0) return false
    await this.sessions.revokeAll(user.id, transaction, session)
    const stored = new PrismaTransaction(transaction)
    if (isStaff(user)) {
      await this.audit.record(user.id, 'operator.password', user.id, null, { passwordChanged: true }, stored)
    }
    if (this.config.mail.smtpUrl !== null) await this.outbox.put(stored, [changedMail(user)])
    return true
  }
}

function changedMail({ id, email }: Pick<User, 'id' | 'email'>) {
  const text = [
    'Hello,',
    'the password of the account with this e-mail address was changed, and its other sessions ended.',
    'If this was not you, request a link for a new password on the login page.',
  ]
  const subject = 'Your password was changed'
  return { kind: 'PASSWORD_CHANGED', about: id, recipient: email, subject, text: `${text.join('\n\n')}\n` } as const
}
