import { Injectable } from '@nestjs/common'
import { Clock } from '../../infrastructure/time/clock.js'
import { Config } from '../../infrastructure/config/config.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../../infrastructure/prisma/transaction.js'
import { AuditService } from '../audit.service.js'
import { generatePassword, hashPassword } from '../passwords.js'
import { SessionsService } from '../login/sessions.service.js'
import { rethrowEmailConflict } from '../unique-email.js'
import { createStaff } from './create-staff.js'

const LOCK = 7_270_737

export interface FirstAdmin {
  email: string
  password: string
  /** True: the password was generated and must be printed now. */
  generated: boolean
}

/** Creates the first admin of a new installation. */
@Injectable()
export class FirstAdminService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly sessions: SessionsService,
    private readonly audit: AuditService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns the created admin, or null when a staff user already exists. Safe to call from several processes at once.
   * A customer who has the admin's address becomes the admin, with the admin's password.
   */
  async ensureFirstAdmin(): Promise<FirstAdmin | null> {
    const { email, password: given } = this.config.admin
    const password = given ?? generatePassword()
    const passwordHash = await hashPassword(password)
    const created = await this.prisma
      .$transaction(async (transaction) => {
        await transaction.$queryRaw`SELECT pg_advisory_xact_lock(${LOCK}::bigint)::text`
        if ((await transaction.user.count({ where: { role: { not: 'CUSTOMER' } } })) > 0) return false
        const data = { email, name: 'Admin', role: 'ADMIN', passwordHash, active: true } as const
        const { before, user } = await createStaff(transaction, data, this.clock.now())
        if (before) await this.sessions.revokeAll(user.id, transaction)
        const states = [before && { email, role: before.role }, { email, role: 'ADMIN' }] as const
        await this.audit.record(null, 'operator.create', user.id, ...states, new PrismaTransaction(transaction))
        return true
      })
      .catch(rethrowEmailConflict)
    return created ? { email, password, generated: given === null } : null
  }
}
