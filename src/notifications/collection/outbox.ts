import { Injectable } from '@nestjs/common'
import type { NotificationTarget } from '../../generated/prisma/client.js'
import { newId } from '../../infrastructure/ids.js'
import type { Transaction } from '../../infrastructure/prisma/transaction.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { NotificationEvent } from '../kinds.js'
import { stored, type MessageContent } from '../message.js'

/** A message about alerts is sent once no further alert with its cause was added for this long, ms. */
export const QUIET_MS = 2_000
/** Or this long after it was created. */
export const MAX_COLLECT_MS = 30_000
/** Alerts of one cause that are notified at once within `WINDOW_MS`; further ones are held back until its end. */
export const MAX_AT_ONCE = 5
export const WINDOW_MS = 300_000

/** Alerts with the same cause, for one target. */
export interface AlertGroup {
  targetId: string
  event: 'ALERT' | 'RESOLVED'
  cause: string
  alertIds: string[]
  /** Not sent before. */
  notBefore?: Date
}

/** Puts messages into the outbox, in the transaction that records what they are about. */
@Injectable()
export class Outbox {
  constructor(private readonly clock: Clock) {}

  /** One message per target that takes the event. */
  async put(client: Transaction, content: MessageContent & { event: NotificationEvent }): Promise<void> {
    const now = this.clock.now()
    for (const { id: targetId } of await targetsOf(client, content.event)) {
      const message = { id: newId('msg'), targetId, event: content.event, content: stored(content) }
      await client.notificationMessage.create({ data: { ...message, createdAt: now, dueAt: now } })
    }
  }

  /** Adds the alerts to the message about their cause that was not attempted yet, or creates one. */
  async putAlerts(client: Transaction, group: AlertGroup): Promise<void> {
    if (await this.addToWaiting(client, group)) return
    const { targetId, event, cause, alertIds, notBefore } = group
    const now = this.clock.now()
    const since = new Date(now.getTime() - WINDOW_MS)
    const recent = await client.notificationMessage.findMany({
      where: { targetId, event, cause, createdAt: { gt: since } },
      orderBy: { createdAt: 'asc' },
      select: { createdAt: true, alertIds: true },
    })
    const count = recent.reduce((sum, message) => sum + message.alertIds.length, 0)
    const [first] = recent
    const heldUntil = first && count > MAX_AT_ONCE ? first.createdAt.getTime() + WINDOW_MS : 0
    const due = Math.max(now.getTime() + QUIET_MS, heldUntil, notBefore?.getTime() ?? 0)
    const message = { id: newId('msg'), targetId, event, cause, alertIds, createdAt: now, dueAt: new Date(due) }
    await client.notificationMessage.create({ data: message })
  }

  private async addToWaiting(client: Transaction, group: AlertGroup): Promise<boolean> {
    const { targetId, event, cause, alertIds, notBefore } = group
    const waiting = { targetId, event, cause, attempts: 0, sentAt: null, failedAt: null }
    const message = await client.notificationMessage.findFirst({ where: waiting, orderBy: { createdAt: 'desc' } })
    if (!message) return false
    const quietAt = Math.min(this.clock.now().getTime() + QUIET_MS, message.createdAt.getTime() + MAX_COLLECT_MS)
    const due = Math.max(message.dueAt.getTime(), quietAt, notBefore?.getTime() ?? 0)
    const data = { alertIds: { push: alertIds }, dueAt: new Date(due) }
    // An attempt may have started since.
    const where = { ...waiting, id: message.id }
    return (await client.notificationMessage.updateMany({ where, data })).count > 0
  }
}

export function targetsOf(client: Transaction, event: NotificationEvent): Promise<NotificationTarget[]> {
  return client.notificationTarget.findMany({ where: { events: { has: event } }, orderBy: { id: 'asc' } })
}
