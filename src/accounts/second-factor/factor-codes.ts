import { Injectable } from '@nestjs/common'
import { Config } from '../../infrastructure/config/config.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { decryptSecret } from './encrypted-secret.js'
import { hashRecoveryCode, stepOf } from './totp.js'

/** Codes of the app that can be tried in a window, by all clients together: they have six digits only. */
const MAX_ATTEMPTS = 30
const WINDOW_MS = 60 * 60_000

/** `NONE`: the user has no second factor. `MISSING`: no code was given. */
export type CodeCheck = 'NONE' | 'MISSING' | 'ACCEPTED' | 'REFUSED'

/**
 * Checks the codes of second factors. Each code is accepted once, also with concurrent requests. After 30 wrong codes in an
 * hour, which only someone with the password can send, the codes of the app are refused until the hour has passed.
 */
@Injectable()
export class FactorCodes {
  constructor(
    private readonly prisma: PrismaService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** `code`: of the app, or a recovery code. */
  async check(userId: string, code: string | undefined): Promise<CodeCheck> {
    const factor = await this.prisma.secondFactor.findUnique({ where: { userId, confirmedAt: { not: null } } })
    if (!factor) return 'NONE'
    if (code === undefined) return 'MISSING'
    const text = code.replaceAll(/\s/g, '')
    const used = /^\d{6}$/.test(text)
      ? await this.useCode(userId, factor.secret, text)
      : await this.useRecoveryCode(userId, hashRecoveryCode(text))
    return used ? 'ACCEPTED' : 'REFUSED'
  }

  private async useCode(userId: string, stored: Uint8Array, code: string): Promise<boolean> {
    if (!(await this.countAttempt(userId))) return false
    const secret = decryptSecret(this.config.authSecret ?? '', userId, stored)
    const step = secret && stepOf(secret, code, this.clock.now())
    if (step === null) return false
    const unused = { OR: [{ lastStep: null }, { lastStep: { lt: step } }] }
    const { count } = await this.prisma.secondFactor.updateMany({
      where: { userId, ...unused },
      data: { lastStep: step, attempts: 0 },
    })
    return count > 0
  }

  /** Counted before the code is checked, so that concurrent requests cannot exceed the limit. */
  private async countAttempt(userId: string): Promise<boolean> {
    const now = this.clock.now()
    const start = new Date(now.getTime() - WINDOW_MS)
    const counted = await this.prisma.$executeRaw`
      UPDATE second_factors SET
        attempts = CASE WHEN attempts_since > ${start} AND attempts > 0 THEN attempts + 1 ELSE 1 END,
        attempts_since = CASE WHEN attempts_since > ${start} AND attempts > 0 THEN attempts_since ELSE ${now} END
      WHERE user_id = ${userId} AND (attempts < ${MAX_ATTEMPTS} OR attempts_since <= ${start})`
    return counted > 0
  }

  private async useRecoveryCode(userId: string, hash: string): Promise<boolean> {
    const used = await this.prisma.$executeRaw`
      UPDATE second_factors SET recovery_codes = array_remove(recovery_codes, ${hash})
      WHERE user_id = ${userId} AND ${hash} = ANY (recovery_codes)`
    return used > 0
  }
}
