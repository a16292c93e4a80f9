import { Injectable } from '@nestjs/common'
import { NotFound, StateConflict } from '../domain/errors.js'
import type { Prisma, User } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/clock.js'
import { pageArgs, toPage, type Page, type PageQuery } from '../infrastructure/http/pagination.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { AuditService } from './audit.service.js'
import { generatePassword, hashPassword } from './passwords.js'
import { SessionsService } from './sessions.service.js'
import { explainTakenEmail, normalizeEmail } from './unique-email.js'

export type StaffRole = 'ADMIN' | 'OPERATOR' | 'VIEWER'

export interface NewOperator {
  email: string
  name: string
  role: StaffRole
  /** Left out: nobody can sign in until a password is set. */
  password?: string | undefined
  active?: boolean | undefined
}

export type OperatorChanges = { [K in keyof NewOperator]?: NewOperator[K] | undefined }

const STAFF = { not: 'CUSTOMER' } as const

/** Staff accounts. Every change is audited; there is always an ADMIN who can sign in. */
@Injectable()
export class OperatorsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly sessions: SessionsService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async list(query: PageQuery): Promise<Page<User>> {
    const { where, ...args } = pageArgs(query)
    const rows = await this.prisma.user.findMany({ ...args, where: { ...where, role: STAFF } })
    return toPage(rows, query.limit, (row) => row)
  }

  /** @param actor account id; null for the command line. Throws StateConflict when the address has an account. */
  async create(actor: string | null, { password, active = true, ...operator }: NewOperator): Promise<User> {
    const passwordHash = await hashPassword(password ?? generatePassword())
    const email = normalizeEmail(operator.email)
    const data = { ...operator, email, id: newId('usr'), passwordHash, active, createdAt: this.clock.now() }
    return this.prisma
      .$transaction(async (transaction) => {
        const user = await transaction.user.create({ data })
        await this.audit.record(actor, 'operator.create', user.id, null, describe(user), transaction)
        return user
      })
      .catch(explainTakenEmail)
  }

  /**
   * Changes an account; a new password or deactivating ends its sessions. Throws NotFound for anyone not staff and
   * StateConflict when no active ADMIN would be left.
   */
  async change(actor: string | null, id: string, { password, ...changes }: OperatorChanges): Promise<User> {
    const passwordHash = password === undefined ? undefined : await hashPassword(password)
    return this.prisma
      .$transaction(async (transaction) => {
        await keepAnAdmin(transaction, id, changes)
        const before = await transaction.user.findFirst({ where: { id, role: STAFF } })
        if (!before) throw new NotFound('There is no such operator.')
        const after = await transaction.user.update({ where: { id }, data: { ...changes, passwordHash } })
        if (passwordHash !== undefined || !after.active) await this.sessions.revokeAll(id, transaction)
        const newPassword = passwordHash === undefined ? {} : { passwordChanged: true }
        const state = { ...describe(after), ...newPassword }
        await this.audit.record(actor, 'operator.change', id, describe(before), state, transaction)
        return after
      })
      .catch(explainTakenEmail)
  }

  /** Sets a new password for the operator with this address and ends the sessions. Throws NotFound. */
  async resetPassword(actor: string | null, email: string, password: string): Promise<User> {
    const user = await this.prisma.user.findFirst({ where: { email: normalizeEmail(email), role: STAFF } })
    if (!user) throw new NotFound('There is no operator with this e-mail address.')
    return this.change(actor, user.id, { password })
  }
}

/** Locks all admins, so that two of them cannot remove each other at once. */
async function keepAnAdmin(
  transaction: Prisma.TransactionClient,
  id: string,
  { role = 'ADMIN', active = true }: OperatorChanges,
): Promise<void> {
  if (role === 'ADMIN' && active) return
  const admins = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM users WHERE role = 'ADMIN' AND active ORDER BY id FOR UPDATE`
  if (admins.length === 1 && admins[0]?.id === id) {
    throw new StateConflict('This is the last active admin. Make another one first.')
  }
}

function describe({ email, name, role, active }: User): Record<string, unknown> {
  return { email, name, role, active }
}
