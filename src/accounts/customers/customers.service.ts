import { Injectable } from '@nestjs/common'
import { NotFound } from '../../domain/errors.js'
import type { User } from '../../generated/prisma/client.js'
import { containsText, pageArgs, toPage, type Page } from '../../infrastructure/http/requests/pagination.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../../infrastructure/prisma/transaction.js'
import type { CustomersQuery } from '../accounts.dto.js'
import { AuditService } from '../audit.service.js'
import { SessionsService } from '../login/sessions.service.js'

const CUSTOMER = 'CUSTOMER' as const

/** Accounts of customers, as staff see them. */
@Injectable()
export class CustomersService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly sessions: SessionsService,
    private readonly audit: AuditService,
  ) {}

  /** Newest first. `q`: part of the name or the e-mail address. */
  async list(query: CustomersQuery): Promise<Page<User>> {
    const { where, ...args } = pageArgs(query)
    const text = query.q === undefined ? null : containsText(query.q)
    const matching = text ? { OR: [{ name: text }, { email: text }] } : {}
    const rows = await this.prisma.user.findMany({ ...args, where: { ...where, ...matching, role: CUSTOMER } })
    return toPage(rows, query.limit, (row) => row)
  }

  /**
   * Deactivates a customer, whose sessions end at once, or activates one again. Live holds expire by themselves, and
   * tickets stay valid. Idempotent. Throws NotFound for other users.
   */
  async setActive(actor: string, id: string, active: boolean): Promise<User> {
    return this.prisma.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT id FROM users WHERE id = ${id} FOR UPDATE`
      const before = await transaction.user.findFirst({ where: { id, role: CUSTOMER } })
      if (!before) throw new NotFound('There is no such customer.')
      if (before.active === active) return before
      const after = await transaction.user.update({ where: { id }, data: { active } })
      if (!active) await this.sessions.revokeAll(id, transaction)
      const states = [{ active: before.active }, { active }] as const
      await this.audit.record(actor, 'customer.change', id, ...states, new PrismaTransaction(transaction))
      return after
    })
  }
}
