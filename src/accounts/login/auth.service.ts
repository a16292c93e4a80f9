import { Injectable, type OnModuleInit } from '@nestjs/common'
import { TotpInvalid, TotpRequired, Unauthenticated } from '../../domain/errors.js'
import type { User } from '../../generated/prisma/client.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { newId } from '../../infrastructure/ids.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../../infrastructure/prisma/transaction.js'
import { EmailVerification } from '../verification/email-verification.js'
import { LoginThrottle } from './login-throttle.js'
import { FactorCodes } from '../second-factor/factor-codes.js'
import { dummyHash, hashPassword, matchesPassword } from '../passwords.js'
import { SessionsService, type OpenedSession } from './sessions.service.js'
import { rethrowEmailConflict } from '../unique-email.js'

export interface Credentials {
  /** In lower case. */
  email: string
  password: string
}

/** Registration and login. */
@Injectable()
export class AuthService implements OnModuleInit {
  constructor(
    private readonly prisma: PrismaService,
    private readonly sessions: SessionsService,
    private readonly throttle: LoginThrottle,
    private readonly verification: EmailVerification,
    private readonly codes: FactorCodes,
    private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    await dummyHash()
  }

  /** Creates a customer. `ip`: address of the client. Throws StateConflict when the e-mail address is already in use. */
  async register({ email, password, name }: Credentials & { name: string }, ip: string): Promise<User> {
    const passwordHash = await this.throttle.inOrder(ip, (client) => hashPassword(password, client))
    const data = {
      id: newId('usr'),
      email,
      name,
      passwordHash,
      role: 'CUSTOMER',
      createdAt: this.clock.now(),
      verificationSentAt: this.verification.firstSentAt,
    } as const
    return this.prisma
      .$transaction(async (transaction) => {
        const user = await transaction.user.create({ data })
        await this.verification.start(new PrismaTransaction(transaction), user)
        return user
      })
      .catch(rethrowEmailConflict)
  }

  /**
   * Opens a session. Throws Unauthenticated, or RateLimited after too many failures. For a user with a second factor and the
   * right password: TotpRequired without its code, which is no failure, and TotpInvalid for a wrong one, which is.
   */
  async login(
    { email, password, code }: Credentials & { code?: string | undefined },
    ip: string,
    userAgent: string | undefined,
  ): Promise<OpenedSession & { user: User }> {
    let codeRefused = false
    const user = await this.throttle.guard(email, ip, async (client) => {
      const found = await this.prisma.user.findUnique({ where: { email } })
      const matches = await matchesPassword(found?.passwordHash, password, client)
      if (!matches || !found?.active) return null
      const check = await this.codes.check(found.id, code)
      if (check === 'MISSING')
        throw new TotpRequired('Send the code of the authenticator app, or a recovery code, as `code`.')
      codeRefused = check === 'REFUSED'
      return codeRefused ? null : found
    })
    if (codeRefused) throw new TotpInvalid('The code is wrong, or was used already. Each code is valid once.')
    const session = user && (await this.sessions.open(user, ip, userAgent))
    if (!session) throw new Unauthenticated('The e-mail address or the password is wrong.')
    return { ...session, user }
  }
}
