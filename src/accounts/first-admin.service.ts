import { Injectable } from '@nestjs/common'
import { Clock } from '../infrastructure/clock.js'
import { Config } from '../infrastructure/config/config.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { AuditService } from './audit.service.js'
import { generatePassword, hashPassword } from './passwords.js'
import { explainTakenEmail } from './unique-email.js'

const LOCK = 7_270_737

export interface FirstAdmin {
  email: string
  password: string
  /** True: nobody knows the password unless it is printed now. */
  generated: boolean
}

/** Makes the first admin, so that a new installation can be entered. */
@Injectable()
export class FirstAdminService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: AuditService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /**
   * Answers the admin it made, or null when there was an operator already. Several processes may call it at once.
   * Throws StateConflict when a customer registered with the admin's address.
   */
  async ensureFirstAdmin(): Promise<FirstAdmin | null> {
    const { email, password: given } = this.config.admin
    const password = given ?? generatePassword()
    const passwordHash = await hashPassword(password)
    const made = await this.prisma
      .$transaction(async (transaction) => {
        await transaction.$queryRaw`SELECT pg_advisory_xact_lock(${LOCK}::bigint)::text`
        if ((await transaction.user.count({ where: { role: { not: 'CUSTOMER' } } })) > 0) return false
        const data = { id: newId('usr'), email, name: 'Admin', passwordHash, createdAt: this.clock.now() }
        const user = await transaction.user.create({ data: { ...data, role: 'ADMIN' } })
        await this.audit.record(null, 'operator.create', user.id, null, { email, role: 'ADMIN' }, transaction)
        return true
      })
      .catch(explainTakenEmail)
    return made ? { email, password, generated: given === null } : null
  }
}
