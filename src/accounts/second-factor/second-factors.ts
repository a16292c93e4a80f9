import { Injectable } from '@nestjs/common'
import QRCode from 'qrcode'
import { NotFound, StateConflict, ValidationFailed } from '../../domain/errors.js'
import { Config } from '../../infrastructure/config/config.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../../infrastructure/prisma/transaction.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { AuditService } from '../audit.service.js'
import type { AuthenticatedUser } from '../authenticated-user.js'
import { LoginThrottle } from '../login/login-throttle.js'
import { SessionsService } from '../login/sessions.service.js'
import { matchesPassword } from '../passwords.js'
import { normalizeEmail } from '../unique-email.js'
import { decryptSecret, encryptSecret } from './encrypted-secret.js'
import { FactorCodes } from './factor-codes.js'
import { enrolmentOf, hashRecoveryCode, newRecoveryCodes, newTotpSecret, stepOf } from './totp.js'

const STAFF = { not: 'CUSTOMER' } as const

export interface Enrolment {
  /** Base32, for apps without a camera. */
  secret: string
  uri: string
  /** A PNG as a data URL. */
  qrCode: string
}

/** Authenticator apps (TOTP) of staff. Enabling and removing one is audited. */
@Injectable()
export class SecondFactors {
  constructor(
    private readonly prisma: PrismaService,
    private readonly codes: FactorCodes,
    private readonly sessions: SessionsService,
    private readonly throttle: LoginThrottle,
    private readonly audit: AuditService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  async status(userId: string): Promise<{ enabled: boolean; recoveryCodesLeft: number }> {
    const factor = await this.prisma.secondFactor.findUnique({ where: { userId } })
    const enabled = factor !== null && factor.confirmedAt !== null
    return { enabled, recoveryCodesLeft: enabled ? factor.recoveryCodes.length : 0 }
  }

  /**
   * Starts an enrolment, or starts it again; it has no effect before it is confirmed.
   * Throws ValidationFailed for a wrong password, StateConflict while another one is in use.
   */
  async begin(user: AuthenticatedUser, password: string, ip: string): Promise<Enrolment> {
    await this.assertPassword(user, password, ip)
    const plain = newTotpSecret()
    const secret = Uint8Array.from(encryptSecret(this.authSecret, user.id, plain))
    const createdAt = this.clock.now()
    const set = await this.prisma.$executeRaw`
      INSERT INTO second_factors (user_id, secret, created_at) VALUES (${user.id}, ${secret}, ${createdAt})
      ON CONFLICT (user_id) DO UPDATE SET secret = EXCLUDED.secret, created_at = EXCLUDED.created_at
      WHERE second_factors.confirmed_at IS NULL`
    if (set === 0) throw new StateConflict('An authenticator app is in use. Remove it first.')
    const enrolment = enrolmentOf(plain, user.email)
    return { ...enrolment, qrCode: await QRCode.toDataURL(enrolment.uri, { errorCorrectionLevel: 'M', width: 240 }) }
  }

  /**
   * Puts the app into use with its first code, and ends the user's other sessions, which were opened without it. Returns the
   * recovery codes, which are shown only now. Throws ValidationFailed for a wrong code.
   */
  async confirm({ id: userId, sessionId }: AuthenticatedUser, code: string): Promise<string[]> {
    const recovery = newRecoveryCodes()
    await this.prisma.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT user_id FROM second_factors WHERE user_id = ${userId} FOR UPDATE`
      const factor = await transaction.secondFactor.findUnique({ where: { userId } })
      if (!factor || factor.confirmedAt) throw new StateConflict('There is no enrolment to confirm.')
      const secret = decryptSecret(this.authSecret, userId, factor.secret)
      const lastStep = secret && stepOf(secret, code, this.clock.now())
      if (lastStep === null) throw ValidationFailed.of('code', 'is not the code that the app shows now')
      const confirmedAt = this.clock.now()
      const data = { confirmedAt, lastStep, recoveryCodes: recovery.map(hashRecoveryCode) }
      await transaction.secondFactor.update({ where: { userId }, data })
      await this.sessions.revokeAll(userId, transaction, sessionId)
      const stored = new PrismaTransaction(transaction)
      await this.audit.record(userId, 'operator.totp', userId, { totp: false }, { totp: true }, stored)
    })
    return recovery
  }

  /** One's own, with password and code. Throws ValidationFailed for a wrong one, RateLimited after too many. */
  async removeOwn(user: AuthenticatedUser, { password, code }: { password: string; code: string }, ip: string) {
    await this.assertPassword(user, password, ip)
    const accepted = await this.throttle.guard(user.email, ip, async () => {
      return (await this.codes.check(user.id, code)) === 'REFUSED' ? null : true
    })
    if (!accepted) throw ValidationFailed.of('code', 'is not valid, or was used already')
    await this.remove(user.id, user.id)
  }

  /** @param actor user id of an admin; null for the command line. Throws NotFound for other users than staff. */
  async removeFrom(
    actor: string | null,
    operator: { id: string } | { email: string },
  ): Promise<{ id: string; email: string }> {
    const which = 'id' in operator ? operator : { email: normalizeEmail(operator.email) }
    const user = await this.prisma.user.findFirst({ where: { ...which, role: STAFF } })
    if (!user) throw new NotFound('There is no such operator.')
    if (actor === user.id) throw new StateConflict('Remove your own authenticator app with your password and a code.')
    await this.remove(actor, user.id)
    return user
  }

  /** Idempotent. An enrolment that was not confirmed is removed as well. */
  private async remove(actor: string | null, userId: string): Promise<void> {
    await this.prisma.$transaction(async (transaction) => {
      const { count } = await transaction.secondFactor.deleteMany({ where: { userId } })
      if (count === 0) return
      const stored = new PrismaTransaction(transaction)
      await this.audit.record(actor, 'operator.totp', userId, { totp: true }, { totp: false }, stored)
    })
  }

  private async assertPassword({ id, email }: AuthenticatedUser, password: string, ip: string): Promise<void> {
    const matches = await this.throttle.guard(email, ip, async (client) => {
      const user = await this.prisma.user.findUnique({ where: { id } })
      return (await matchesPassword(user?.passwordHash, password, client)) || null
    })
    if (!matches) throw ValidationFailed.of('password', 'is not the password of this account')
  }

  private get authSecret(): string {
    if (!this.config.authSecret) throw new Error('AUTH_SECRET is not loaded yet')
    return this.config.authSecret
  }
}
