import { Injectable } from '@nestjs/common'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { clientOf, type Transaction } from '../../infrastructure/prisma/transaction.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { Transactions } from '../../infrastructure/transactions.js'
import type { Alert, NotificationTarget } from '../../generated/prisma/client.js'
import { alertKeyOf } from '../failing-targets.js'
import { MAX_COLLECT_MS, Outbox, targetsOf } from './outbox.js'

const INTERVAL_MS = 1_000
const BATCH = 1_000
const MAX_BATCHES = 20
/** In order: the end of a problem is collected after the problem. */
const LOCK = 'notification collection'

/** Turns raised and resolved alerts into messages. Reads PostgreSQL only, so that it works without Redis. */
@Injectable()
export class AlertCollector {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Does nothing while another process collects. */
  @Periodic({ name: 'notification collection', every: INTERVAL_MS })
  async collect(): Promise<void> {
    for (let batch = 0; batch < MAX_BATCHES; batch++) {
      if ((await this.transactions.run((transaction) => this.collectBatch(transaction))) < BATCH) break
    }
  }

  /** What is notified, in the transaction that removes the changes: none is lost, and none repeated. */
  private async collectBatch(transaction: DatabaseTransaction): Promise<number> {
    if (!(await this.transactions.tryLock(transaction, [LOCK]))) return 0
    const client = clientOf(transaction)
    const changes = await client.$queryRaw<{ alert_id: string; change: 'RAISED' | 'RESOLVED' }[]>`
      DELETE FROM alert_changes WHERE id IN (
        SELECT id FROM alert_changes ORDER BY id LIMIT ${BATCH})
      RETURNING alert_id, change`
    if (changes.length === 0) return 0
    const idsOf = (change: string) => changes.filter((one) => one.change === change).map((one) => one.alert_id)
    await this.putRaised(client, await alertsBy(client, idsOf('RAISED')))
    await this.putResolved(client, await alertsBy(client, idsOf('RESOLVED')))
    return changes.length
  }

  private async putRaised(client: Transaction, alerts: readonly Alert[]): Promise<void> {
    if (alerts.length === 0) return
    for (const target of await targetsOf(client, 'ALERT')) {
      for (const [cause, alertIds] of byCause(notAbout(target, alerts))) {
        await this.outbox.putAlerts(client, { targetId: target.id, event: 'ALERT', cause, alertIds })
      }
    }
  }

  private async putResolved(client: Transaction, alerts: readonly Alert[]): Promise<void> {
    if (alerts.length === 0) return
    await this.removeHeldBack(client, alerts)
    for (const target of await targetsOf(client, 'RESOLVED')) {
      const { known, notBefore } = await this.notified(client, target, notAbout(target, alerts))
      for (const [cause, alertIds] of byCause(known)) {
        await this.outbox.putAlerts(client, { targetId: target.id, event: 'RESOLVED', cause, alertIds, notBefore })
      }
    }
  }

  /** Alerts that are held back until the end of a window are not notified once they are resolved. */
  private async removeHeldBack(client: Transaction, alerts: readonly Alert[]): Promise<void> {
    const resolved = alerts.map(({ id }) => id)
    const heldBack = new Date(this.clock.now().getTime() + MAX_COLLECT_MS)
    const messages = await client.notificationMessage.findMany({
      where: { event: 'ALERT', attempts: 0, dueAt: { gt: heldBack }, alertIds: { hasSome: resolved } },
    })
    const ids = new Set(resolved)
    for (const { id, alertIds } of messages) {
      const left = alertIds.filter((alertId) => !ids.has(alertId))
      const where = { id, attempts: 0 }
      if (left.length === 0) await client.notificationMessage.deleteMany({ where })
      else await client.notificationMessage.updateMany({ where, data: { alertIds: left } })
    }
  }

  /** Those whose ALERT is sent to the target, and when it is due; all where the target does not take ALERT. */
  private async notified(client: Transaction, target: NotificationTarget, alerts: readonly Alert[]) {
    const now = this.clock.now()
    if (!target.events.includes('ALERT')) return { known: alerts, notBefore: now }
    const ids = alerts.map(({ id }) => id)
    const messages = await client.notificationMessage.findMany({
      where: { targetId: target.id, event: 'ALERT', failedAt: null, alertIds: { hasSome: ids } },
      select: { alertIds: true, dueAt: true },
    })
    const known = new Set(messages.flatMap(({ alertIds }) => alertIds))
    const lastDue = Math.max(now.getTime(), ...messages.map(({ dueAt }) => dueAt.getTime()))
    return { known: alerts.filter(({ id }) => known.has(id)), notBefore: new Date(lastDue + 1) }
  }
}

async function alertsBy(client: Transaction, ids: string[]): Promise<Alert[]> {
  return ids.length === 0 ? [] : client.alert.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } })
}

/** Without the alert about the target itself, which would be one more message that it does not accept. */
function notAbout({ id }: NotificationTarget, alerts: readonly Alert[]): Alert[] {
  return alerts.filter(({ dedupeKey }) => dedupeKey !== alertKeyOf(id))
}

/** Ids by cause: the kind, and the operation or condition that raised the alert. */
function byCause(alerts: readonly Alert[]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const { id, kind, about } of alerts) {
    const cause = about === null ? kind : `${kind} ${about}`
    const ids = groups.get(cause)
    if (ids) ids.push(id)
    else groups.set(cause, [id])
  }
  return groups
}
