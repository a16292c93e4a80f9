import { Injectable } from '@nestjs/common'
import { PLATFORMS, type Platform } from '../domain/channel.js'
import type { Prisma } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { IS_OVERSOLD } from '../infrastructure/prisma/balance-rows.js'
import { liveEvents } from '../infrastructure/prisma/live-events.js'
import { LOOP_ALERT_PREFIX } from '../alerts/loop-failures.js'
import { subscriptionKey } from '../inbound/subscriptions/stored-keys.js'
import type { SubscriptionRecord } from '../inbound/subscriptions/subscription-store.js'

/** Returns a filter for alerts whose problem is over; null: none. */
type ResolvableAlerts = (now: Date) => Promise<Prisma.AlertWhereInput | null>

/** Values of `about` in alerts of the cap sync and of the sweep after an outage. */
const CHANNEL_FAILURES = ['REJECTED', 'AUTH_FAILED', 'FORBIDDEN', 'GONE', 'UNSUPPORTED', 'EXCEPTION', 'outage sweep']

/** A loop without a failure for this long has recovered, ms. */
const LOOP_RECOVERY_MS = 420_000

/** An instance without a heartbeat for this long has ended, ms. */
const INSTANCE_TIMEOUT_MS = 30_000

/** Finds unresolved alerts, raised by operations that failed, whose problem is over. */
@Injectable()
export class AlertResolver {
  readonly filters: Readonly<Record<string, ResolvableAlerts>> = {
    'past events': (now) => this.wherePastEvents(now),
    'red alarms': async () => ({
      kind: 'RED_ALARM',
      event: { OR: [{ redAlarmSince: null }, { closedSince: { not: null } }] },
    }),
    'oversold events': async () => ({ kind: 'OVERSOLD', event: { NOT: IS_OVERSOLD } }),
    'fail-safe mode': () => this.whereFailSafe(),
    'instances without Redis': (now) => this.whereInstances(now),
    'channels in sync': () => this.whereChannels(),
    'recovered loops': async (now) => whereLoops(now),
    'failed deliveries': () => this.whereDeliveries(),
    drift: () => this.whereDrift(),
    'changed caps': () => this.whereChangedCaps(),
    quarantine: () => this.whereQuarantine(),
    subscriptions: () => this.whereSubscriptions(),
  }

  constructor(private readonly prisma: PrismaService) {}

  private async wherePastEvents(now: Date): Promise<Prisma.AlertWhereInput | null> {
    const alerts = await this.prisma.alert.findMany({
      where: { resolvedAt: null, eventId: { not: null } },
      select: { eventId: true },
      distinct: ['eventId'],
    })
    const ids = alerts.flatMap(({ eventId }) => eventId ?? [])
    if (ids.length === 0) return null
    const liveRows = await this.prisma.event.findMany({
      where: { AND: [liveEvents(now), { id: { in: ids } }] },
      select: { id: true },
    })
    const liveIds = new Set(liveRows.map(({ id }) => id))
    return { eventId: { in: ids.filter((id) => !liveIds.has(id)) } }
  }

  private async whereFailSafe(): Promise<Prisma.AlertWhereInput | null> {
    const mode = await this.prisma.systemMode.findFirst()
    // Alerts that an instance raises about itself resolve with its own problem, or when the instance ends.
    return mode?.mode === 'NORMAL' ? { kind: 'FAIL_SAFE', NOT: { about: { startsWith: 'instance ' } } } : null
  }

  /** A running instance resolves the alerts about itself; those of ended instances are resolved here. */
  private async whereInstances(now: Date): Promise<Prisma.AlertWhereInput | null> {
    const since = new Date(now.getTime() - INSTANCE_TIMEOUT_MS)
    const withoutRedis = await this.prisma.instance.count({ where: { redisOk: false, seenAt: { gt: since } } })
    return withoutRedis > 0 ? null : { kind: 'FAIL_SAFE', about: { startsWith: 'instance ' } }
  }

  private async whereChannels(): Promise<Prisma.AlertWhereInput | null> {
    const failing = await this.prisma.channel.findMany({
      where: { syncError: { not: null } },
      select: { eventId: true, platform: true },
    })
    return {
      kind: { in: ['PLATFORM_UNREACHABLE', 'DEAD_LETTER'] },
      about: { in: CHANNEL_FAILURES },
      eventId: { not: null },
      NOT: { OR: failing.map(({ eventId, platform }) => ({ eventId, platform })) },
    }
  }

  /** Platforms without failed deliveries: all were replayed, and a replay that fails is stored again. */
  private async whereDeliveries(): Promise<Prisma.AlertWhereInput | null> {
    const failed = await this.prisma.webhookDelivery.groupBy({ by: ['platform'], where: { state: 'FAILED' } })
    const platforms = failed.map(({ platform }) => platform)
    return { kind: 'DEAD_LETTER', about: 'delivery', platform: { notIn: platforms } }
  }

  /** A later run has compared the same event and left no uncorrected drift on the same channel. */
  private async whereDrift(): Promise<Prisma.AlertWhereInput | null> {
    const rows = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT a.id FROM alerts a
      WHERE a.kind = 'DRIFT' AND a.resolved_at IS NULL AND a.about = 'reconciliation' AND EXISTS (
        SELECT 1 FROM reconciliation_runs r
        WHERE r.state = 'SUCCEEDED' AND NOT r.dry_run AND r.started_at > a.last_seen_at
          AND (r.event_id IS NULL OR r.event_id = a.event_id)
          AND NOT EXISTS (
            SELECT 1 FROM reconciliation_items i
            WHERE i.run_id = r.id AND i.event_id = a.event_id AND NOT i.corrected
              AND i.channel IS NOT DISTINCT FROM a.platform))`
    return rows.length === 0 ? null : { id: { in: rows.map(({ id }) => id) } }
  }

  /** The desired cap is confirmed again. */
  private async whereChangedCaps(): Promise<Prisma.AlertWhereInput | null> {
    const behind = await this.prisma.$queryRaw<{ event_id: string; platform: Platform }[]>`
      SELECT event_id, platform::text AS platform FROM channels
      WHERE detached_at IS NULL AND desired_mode = 'OPEN'
        AND (confirmed_cap IS DISTINCT FROM desired_cap OR unsettled_cap IS NOT NULL)`
    return { kind: 'DRIFT', about: 'cap', ...exceptChannels(behind) }
  }

  /** All quarantined records of the channel were stored since, or are no longer shown by the platform. */
  private async whereQuarantine(): Promise<Prisma.AlertWhereInput | null> {
    const open = await this.prisma.$queryRaw<{ event_id: string; platform: Platform }[]>`
      SELECT DISTINCT event_id, platform::text AS platform FROM quarantined_records WHERE resolved_at IS NULL`
    return { kind: 'DRIFT', about: 'quarantine', ...exceptChannels(open) }
  }

  private async whereSubscriptions(): Promise<Prisma.AlertWhereInput | null> {
    const rows = await this.prisma.storedValue.findMany({ where: { key: { in: PLATFORMS.map(subscriptionKey) } } })
    const registered = rows.filter(({ value }) => (value as Partial<SubscriptionRecord>).registered === true)
    const platforms = PLATFORMS.filter((platform) => registered.some(({ key }) => key === subscriptionKey(platform)))
    return { kind: 'PLATFORM_UNREACHABLE', about: 'subscription', platform: { in: platforms } }
  }
}

/** Every failure updates `lastSeenAt`, and the interval between failures is at most the longest backoff of a loop. */
function whereLoops(now: Date): Prisma.AlertWhereInput {
  const lastSeenAt = { lt: new Date(now.getTime() - LOOP_RECOVERY_MS) }
  return { kind: 'DEAD_LETTER', about: { startsWith: LOOP_ALERT_PREFIX }, lastSeenAt }
}

/** Alerts of all channels except these. */
function exceptChannels(channels: readonly { event_id: string; platform: Platform }[]): Prisma.AlertWhereInput {
  return { NOT: { OR: channels.map(({ event_id: eventId, platform }) => ({ eventId, platform })) } }
}
