import { Injectable } from '@nestjs/common'
import { AlertService, keyOf, type AlertKey } from '../alerts/alert.service.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { NotificationTarget } from '../generated/prisma/client.js'

const INTERVAL_MS = 5_000
/** Failed attempts in a row that raise an alert: about half a minute. Fewer may be transient. */
export const ALERT_THRESHOLD = 5
const KIND = 'DEAD_LETTER'
const ABOUT = 'notification'

/** A target that keeps failing has an alert, which is not sent to it (`AlertCollector`). */
@Injectable()
export class FailingTargets {
  constructor(
    private readonly prisma: PrismaService,
    private readonly alerts: AlertService,
  ) {}

  @Periodic({ name: 'failing notification targets', every: INTERVAL_MS })
  async evaluate(): Promise<void> {
    const failing = await this.prisma.notificationTarget.findMany({ where: { failures: { gte: ALERT_THRESHOLD } } })
    for (const target of failing) await this.alerts.raise({ ...problemOf(target.id), detail: detailOf(target) })
    const exceptKeys = failing.map(({ id }) => alertKeyOf(id))
    await this.alerts.resolveMatching({ kinds: [KIND], abouts: [ABOUT], exceptKeys })
  }
}

/** The key of the alert about a target. */
export function alertKeyOf(targetId: string): string {
  return keyOf(problemOf(targetId))
}

function problemOf(targetId: string): AlertKey & { kind: typeof KIND } {
  return { kind: KIND, about: ABOUT, subject: targetId }
}

function detailOf({ label, kind, lastError }: NotificationTarget): string {
  return `Notifications to "${label}" (${kind}) are not accepted: ${lastError ?? 'no response'}. They are retried for hours; check the target under notifications.`
}
