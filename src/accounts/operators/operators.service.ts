import { Injectable } from '@nestjs/common'
import { NotFound, StateConflict } from '../../domain/errors.js'
import type { Prisma, User } from '../../generated/prisma/client.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { pageArgs, toPage, type Page, type PageQuery } from '../../infrastructure/http/requests/pagination.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../../infrastructure/prisma/transaction.js'
import type { StaffRole } from '../accounts.dto.js'
import { AuditService } from '../audit.service.js'
import { generatePassword, hashPassword } from '../passwords.js'
import { SessionsService } from '../login/sessions.service.js'
import { rethrowEmailConflict, normalizeEmail } from '../unique-email.js'
import { createStaff } from './create-staff.js'
import { freeAddress } from './free-address.js'

export interface NewOperator {
  email: string
  name: string
  role: StaffRole
  /** If omitted, the operator cannot sign in until a password is set. */
  password?: string | undefined
  active?: boolean | undefined
}

export type OperatorChanges = { [K in keyof NewOperator]?: NewOperator[K] | undefined }

const STAFF = { not: 'CUSTOMER' } as const
const WITH_FACTOR = { secondFactor: { select: { confirmedAt: true } } } as const

/** `secondFactor`: null without an authenticator app; `confirmedAt` is null while it is not in use. */
export type Operator = User & { secondFactor: { confirmedAt: Date | null } | null }

/** Staff users. Every change is audited; at least one active ADMIN always remains. */
@Injectable()
export class OperatorsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly sessions: SessionsService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async list(query: PageQuery): Promise<Page<Operator>> {
    const { where, ...args } = pageArgs(query)
    const rows = await this.prisma.user.findMany({ ...args, where: { ...where, role: STAFF }, include: WITH_FACTOR })
    return toPage(rows, query.limit, (row) => row)
  }

  /**
   * A customer who has this address becomes the operator: anyone can register an address, so it must not be occupied. Their
   * password and sessions end; their tickets stay theirs.
   * @param actor user id; null for the command line. Throws StateConflict when another operator has the address.
   */
  async create(actor: string | null, { password, active = true, ...operator }: NewOperator): Promise<Operator> {
    const passwordHash = await hashPassword(password ?? generatePassword())
    const email = normalizeEmail(operator.email)
    const data = { ...operator, email, passwordHash, active }
    return this.prisma
      .$transaction(async (transaction) => {
        const { before, user } = await createStaff(transaction, data, this.clock.now())
        if (before) await this.sessions.revokeAll(user.id, transaction)
        const states = [before && auditState(before), auditState(user)] as const
        await this.audit.record(actor, 'operator.create', user.id, ...states, new PrismaTransaction(transaction))
        return { ...user, secondFactor: null }
      })
      .catch(rethrowEmailConflict)
  }

  /**
   * Updates a staff user; a new password or deactivation revokes their sessions. A customer who has the new address loses
   * it with the account. Throws NotFound for other users, and StateConflict when no active ADMIN would remain or another
   * operator has the address.
   */
  async change(actor: string | null, id: string, { password, ...changes }: OperatorChanges): Promise<Operator> {
    const passwordHash = password === undefined ? undefined : await hashPassword(password)
    return this.prisma
      .$transaction(async (transaction) => {
        await assertAdminRemains(transaction, id, changes)
        const before = await transaction.user.findFirst({ where: { id, role: STAFF } })
        if (!before) throw new NotFound('There is no such operator.')
        if (changes.email !== undefined) await this.endCustomer(transaction, actor, changes.email)
        const after = await transaction.user.update({
          where: { id },
          data: { ...changes, passwordHash },
          include: WITH_FACTOR,
        })
        if (passwordHash !== undefined || !after.active) await this.sessions.revokeAll(id, transaction)
        const newPassword = passwordHash === undefined ? {} : { passwordChanged: true }
        const state = { ...auditState(after), ...newPassword }
        await this.audit.record(
          actor,
          'operator.change',
          id,
          auditState(before),
          state,
          new PrismaTransaction(transaction),
        )
        return after
      })
      .catch(rethrowEmailConflict)
  }

  private async endCustomer(transaction: Prisma.TransactionClient, actor: string | null, email: string): Promise<void> {
    const customer = await freeAddress(transaction, email)
    if (!customer) return
    const { before, after } = customer
    await this.sessions.revokeAll(before.id, transaction)
    const states = [
      { email: before.email, active: before.active },
      { email: after.email, active: after.active },
    ] as const
    await this.audit.record(actor, 'customer.change', before.id, ...states, new PrismaTransaction(transaction))
  }

  /** Sets a new password for the operator with this address and revokes their sessions. Throws NotFound. */
  async resetPassword(actor: string | null, email: string, password: string): Promise<User> {
    const user = await this.prisma.user.findFirst({ where: { email: normalizeEmail(email), role: STAFF } })
    if (!user) throw new NotFound('There is no operator with this e-mail address.')
    return this.change(actor, user.id, { password })
  }
}

/** Locks all admins, so that two of them cannot deactivate each other concurrently. */
async function assertAdminRemains(
  transaction: Prisma.TransactionClient,
  id: string,
  { role = 'ADMIN', active = true }: OperatorChanges,
): Promise<void> {
  if (role === 'ADMIN' && active) return
  const admins = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM users WHERE role = 'ADMIN' AND active ORDER BY id FOR UPDATE`
  if (admins.length === 1 && admins[0]?.id === id) {
    throw new StateConflict('This is the last active admin. Create another one first.')
  }
}

function auditState({ email, name, role, active }: User): Record<string, unknown> {
  return { email, name, role, active }
}
