import { Injectable } from '@nestjs/common'
import type { Alert, NotificationMessage } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import type { MessageContent } from '../message.js'
import { PageLinks } from '../page-links.js'

/** As many alerts of one cause are listed; of more, the first one and their number. */
const MAX_LISTED = 5

type ShownAlert = Alert & { event: { name: string } | null }

/** Composes messages from the alerts that they are about. */
@Injectable()
export class AlertMessages {
  constructor(
    private readonly prisma: PrismaService,
    private readonly links: PageLinks,
  ) {}

  /** Null: there is nothing to notify any more. */
  async compose({ targetId, event, alertIds }: NotificationMessage): Promise<MessageContent | null> {
    const ids = event === 'RESOLVED' ? await this.withoutUnsent(targetId, alertIds) : alertIds
    const where = { id: { in: ids } }
    const [count, kept] = await Promise.all([
      this.prisma.alert.groupBy({ by: ['platform'], where, _count: true, orderBy: { platform: 'asc' } }),
      this.prisma.alert.findMany({
        where,
        orderBy: { id: 'asc' },
        take: MAX_LISTED + 1,
        include: { event: { select: { name: true } } },
      }),
    ])
    const [first] = kept
    if (!first) return null
    const listed = kept.length > MAX_LISTED ? [first] : kept
    const total = count.reduce((sum, { _count: alerts }) => sum + alerts, 0)
    const more = total - listed.length
    const byPlatform = count.map(({ platform, _count: alerts }) => ({ platform, alerts }))
    return {
      event: event === 'RESOLVED' ? 'RESOLVED' : 'ALERT',
      title: titleOf(event, first, total),
      lines: [...listed.map(lineOf), ...(more > 0 ? [`and ${more} more${distribution(byPlatform)}`] : [])],
      url: this.urlOf(kept),
      data: { count: total, alerts: listed.map((alert) => dataOf(alert)) },
    }
  }

  /** Without alerts whose ALERT this target did not get. */
  private async withoutUnsent(targetId: string, alertIds: string[]): Promise<string[]> {
    const unsent = await this.prisma.notificationMessage.findMany({
      where: { targetId, event: 'ALERT', sentAt: null, alertIds: { hasSome: alertIds } },
      select: { alertIds: true },
    })
    const ids = new Set(unsent.flatMap((message) => message.alertIds))
    return alertIds.filter((id) => !ids.has(id))
  }

  private urlOf(alerts: readonly ShownAlert[]): string {
    const [eventId, ...others] = new Set(alerts.map((alert) => alert.eventId))
    return eventId && others.length === 0 ? this.links.event(eventId) : this.links.alerts
  }
}

function titleOf(event: string, { kind, event: about }: ShownAlert, total: number): string {
  const what = event === 'RESOLVED' ? 'Resolved' : 'Alert'
  const count = total === 1 ? (about ? `: ${about.name}` : '') : ` (${total})`
  return `${what} ${kind}${count}`
}

function lineOf({ detail, event }: ShownAlert): string {
  return event === null || detail.includes(event.name) ? detail : `${event.name}: ${detail}`
}

/** Where alerts of several platforms are grouped. */
function distribution(byPlatform: readonly { platform: string | null; alerts: number }[]): string {
  if (byPlatform.length < 2) return ''
  return ` (in total ${byPlatform.map(({ platform, alerts }) => `${platform ?? 'others'} ${alerts}`).join(', ')})`
}

function dataOf({ id, kind, eventId, event, platform, detail, createdAt, resolvedAt }: ShownAlert) {
  return { id, kind, eventId, eventName: event?.name ?? null, platform, detail, createdAt, resolvedAt }
}
