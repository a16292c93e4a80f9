import { Injectable } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import { NotFound, StateConflict } from '../domain/errors.js'
import type { Mail as MailRow } from '../generated/prisma/client.js'
import { pageArgs, toPage, type Page } from '../infrastructure/http/requests/pagination.js'
import type { MailKind } from '../infrastructure/mail/mail-outbox.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { PrismaTransaction } from '../infrastructure/prisma/transaction.js'
import { MailComposer } from './mail-composer.js'
import type { MailDto, MailsQuery } from './mails.dto.js'

/** Mails that were not sent. Staff send those that failed again, once the cause is removed. */
@Injectable()
export class UnsentMails {
  constructor(
    private readonly prisma: PrismaService,
    private readonly composer: MailComposer,
    private readonly audit: AuditService,
  ) {}

  async list(query: MailsQuery): Promise<Page<MailDto>> {
    const { where, ...page } = pageArgs(query)
    const failedAt = query.state === 'FAILED' ? { not: null } : null
    const rows = await this.prisma.mail.findMany({ ...page, where: { ...where, sentAt: null, failedAt } })
    return toPage(rows, query.limit, mailDto)
  }

  /**
   * Puts a failed mail back into the outbox, as it would be composed now. It keeps its id, from which its Message-ID
   * follows: where a failed attempt was delivered after all, clients recognize it. `byId`: null for the command line.
   * Throws NotFound; StateConflict when it has not failed; NotComposable.
   */
  async retry(id: string, byId: string | null): Promise<MailDto> {
    const mail = await this.prisma.mail.findUnique({ where: { id } })
    if (!mail) throw new NotFound('There is no such mail.')
    if (mail.failedAt === null) throw notFailed()
    const { recipient, subject, text } = await this.composer.compose(mail.kind as MailKind, mail.about)
    const unsent = { recipient, subject, text, attemptedAt: null, failedAt: null, failure: null }
    return this.prisma.$transaction(async (client) => {
      const where = { id, failedAt: { not: null } }
      const [row] = await client.mail.updateManyAndReturn({ where, data: unsent })
      if (!row) throw notFailed()
      const before = { state: 'FAILED', failure: mail.failure }
      await this.audit.record(byId, 'mail.retry', id, before, { state: 'UNSENT' }, new PrismaTransaction(client))
      return mailDto(row)
    })
  }
}

const notFailed = () => new StateConflict('The mail has not failed.')

function mailDto({ id, kind, about, createdAt, attemptedAt, failedAt, failure }: MailRow): MailDto {
  return {
    id,
    kind,
    state: failedAt === null ? 'UNSENT' : 'FAILED',
    about,
    createdAt: createdAt.toISOString(),
    attemptedAt: attemptedAt?.toISOString() ?? null,
    failedAt: failedAt?.toISOString() ?? null,
    failure,
  }
}
