import { Injectable } from '@nestjs/common'
import { AuditService } from '../../accounts/audit.service.js'
import { NotFound, StateConflict } from '../../domain/errors.js'
import type { NotificationTarget } from '../../generated/prisma/client.js'
import { NotDecryptable } from '../../infrastructure/encryption/key-ring.js'
import { pageArgs, toPage, type Page, type PageQuery } from '../../infrastructure/http/requests/pagination.js'
import { newId } from '../../infrastructure/ids.js'
import { AddressGuard } from '../../infrastructure/outbound/address-guard.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { clientOf } from '../../infrastructure/prisma/transaction.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Transactions } from '../../infrastructure/transactions.js'
import type { TargetKind } from '../kinds.js'
import { stored, type MessageContent } from '../message.js'
import { PageLinks } from '../page-links.js'
import { checkTarget, shownTarget } from './target-address.js'
import { newSigningSecret, TargetSecretsStore } from './target-secrets.js'
import {
  notificationDto,
  type CreatedNotificationDto,
  type NewNotificationBody,
  type NotificationDto,
  type PatchNotificationBody,
} from './targets.dto.js'

export const MAX_TARGETS = 20
const LOCK = 'notification targets'
const LOCK_TIMEOUT_MS = 5_000

/** What admins do with targets; every change is audited. */
@Injectable()
export class TargetCommands {
  constructor(
    private readonly prisma: PrismaService,
    private readonly transactions: Transactions,
    private readonly secrets: TargetSecretsStore,
    private readonly guard: AddressGuard,
    private readonly links: PageLinks,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Throws ValidationFailed for a cursor of another list. */
  async list(query: PageQuery): Promise<Page<NotificationDto>> {
    const rows = await this.prisma.notificationTarget.findMany(pageArgs(query))
    return toPage(rows, query.limit, notificationDto)
  }

  /** Throws ValidationFailed; StateConflict when there are as many as possible. */
  async add(actor: string, { kind, target, events, label }: NewNotificationBody): Promise<CreatedNotificationDto> {
    await checkTarget(kind, target, this.guard)
    const id = newId('ntf')
    const signingSecret = kind === 'WEBHOOK' ? newSigningSecret() : null
    const data = { id, kind, label, events, shownTarget: shownTarget(kind, target), nextAttemptAt: this.clock.now() }
    const row = await this.transactions.run(async (transaction) => {
      await this.transactions.lock(transaction, [LOCK], LOCK_TIMEOUT_MS)
      const targets = clientOf(transaction).notificationTarget
      if ((await targets.count()) >= MAX_TARGETS) {
        throw new StateConflict(`There are ${MAX_TARGETS} targets already: remove one first.`)
      }
      const created = await targets.create({ data })
      await this.secrets.write(transaction, id, { target, signingSecret })
      await this.audit.record(actor, 'notification.create', id, null, audited(created), transaction)
      return created
    })
    return { ...notificationDto(row), secret: signingSecret }
  }

  /** Another address is tried at once. Throws NotFound; ValidationFailed. */
  async change(actor: string, id: string, { target, ...changes }: PatchNotificationBody): Promise<NotificationDto> {
    const before = await this.find(id)
    const kind = before.kind as TargetKind
    if (target !== undefined) await checkTarget(kind, target, this.guard)
    const retried = { failures: 0, lastErrorAt: null, lastError: null, nextAttemptAt: this.clock.now() }
    const replaced = target === undefined ? {} : { ...retried, shownTarget: shownTarget(kind, target) }
    const secrets = target === undefined ? null : { target, signingSecret: await this.signingSecretOf(before) }
    const row = await this.transactions.run(async (transaction) => {
      const { notificationTarget: targets } = clientOf(transaction)
      const [after] = await targets.updateManyAndReturn({ where: { id }, data: { ...changes, ...replaced } })
      if (!after) throw targetNotFound()
      if (secrets) await this.secrets.write(transaction, id, secrets)
      const state = { ...audited(after), ...(secrets && { targetChanged: true }) }
      await this.audit.record(actor, 'notification.change', id, audited(before), state, transaction)
      return after
    })
    return notificationDto(row)
  }

  /** Throws NotFound. */
  async remove(actor: string, id: string): Promise<void> {
    const before = await this.find(id)
    await this.transactions.run(async (transaction) => {
      const { count } = await clientOf(transaction).notificationTarget.deleteMany({ where: { id } })
      if (count === 0) throw targetNotFound()
      await this.secrets.remove(transaction, id)
      await this.audit.record(actor, 'notification.remove', id, audited(before), null, transaction)
    })
  }

  /** Queues a test message, unless one is queued already; a pause after failures ends. Throws NotFound. */
  async test(actor: string, id: string): Promise<NotificationDto> {
    const { label } = await this.find(id)
    const now = this.clock.now()
    const content: MessageContent = {
      event: 'TEST',
      title: 'Test message',
      lines: [`Notifications of this service reach "${label}".`],
      url: this.links.home,
      data: {},
    }
    const row = await this.transactions.run(async (transaction) => {
      const client = clientOf(transaction)
      const retried = { nextAttemptAt: now }
      const [target] = await client.notificationTarget.updateManyAndReturn({ where: { id }, data: retried })
      if (!target) throw targetNotFound()
      const waiting = { targetId: id, event: 'TEST', sentAt: null, failedAt: null }
      if ((await client.notificationMessage.count({ where: waiting })) === 0) {
        const message = {
          id: newId('msg'),
          targetId: id,
          event: 'TEST',
          content: stored(content),
          createdAt: now,
          dueAt: now,
        }
        await client.notificationMessage.create({ data: message })
      }
      await this.audit.record(actor, 'notification.test', id, null, null, transaction)
      return target
    })
    return notificationDto(row)
  }

  /** Throws StateConflict where it cannot be read any more. */
  private async signingSecretOf({ id, kind }: NotificationTarget): Promise<string | null> {
    if (kind !== ('WEBHOOK' satisfies TargetKind)) return null
    try {
      return (await this.secrets.read(id)).signingSecret
    } catch (error) {
      if (!(error instanceof NotDecryptable)) throw error
      throw new StateConflict('Its secret cannot be decrypted: remove the target and add it again.', { cause: error })
    }
  }

  private async find(id: string): Promise<NotificationTarget> {
    const row = await this.prisma.notificationTarget.findUnique({ where: { id } })
    if (!row) throw targetNotFound()
    return row
  }
}

const targetNotFound = () => new NotFound('There is no such notification target.')

function audited({ kind, label, events, shownTarget: target }: NotificationTarget) {
  return { kind, label, events, target }
}
