import { Injectable } from '@nestjs/common'
import { PLATFORMS, type Platform } from '../../domain/channel.js'
import type { Prisma } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { liveEvents } from '../../inventory/live-events.js'
import { LOOP } from '../loop-faults.js'
import { subscriptionKey, type StoredSubscription } from './webhooks-missing.js'

type Over = (now: Date) => Promise<Prisma.AlertWhereInput | null>

/** What the cap sync and the sweep after an outage say their alerts are about. */
const CHANNEL_TROUBLES = ['REJECTED', 'AUTH_FAILED', 'FORBIDDEN', 'GONE', 'UNSUPPORTED', 'EXCEPTION', 'outage sweep']

/** A loop without a failure for this long has recovered, ms. */
const LOOP_QUIET_MS = 420_000

/** An instance without a sign of life for this long has ended, ms. */
const INSTANCE_GONE_MS = 30_000

/** How alerts end that an operation raised when it met the problem: which of those that last are over by now. */
@Injectable()
export class AlertResolver {
  readonly all: Readonly<Record<string, Over>> = {
    'events that are over': (now) => this.ofPastEvents(now),
    'red alarms': async () => ({
      kind: 'RED_ALARM',
      event: { OR: [{ redAlarmSince: null }, { closedSince: { not: null } }] },
    }),
    'oversold events': async () => ({ kind: 'OVERSOLD', event: { balance: { oversold: 0 } } }),
    'fail-safe mode': () => this.ofFailSafe(),
    'lone instances': (now) => this.ofInstances(now),
    'channels in step': () => this.ofChannels(),
    'recovered loops': async (now) => ofLoops(now),
    'failed deliveries': () => this.ofDeliveries(),
    drift: () => this.ofDrift(),
    'changed caps': () => this.ofChangedCaps(),
    quarantine: () => this.ofQuarantine(),
    subscriptions: () => this.ofSubscriptions(),
  }

  constructor(private readonly prisma: PrismaService) {}

  private async ofPastEvents(now: Date): Promise<Prisma.AlertWhereInput | null> {
    const alerts = await this.prisma.alert.findMany({
      where: { resolvedAt: null, eventId: { not: null } },
      select: { eventId: true },
      distinct: ['eventId'],
    })
    const ids = alerts.flatMap(({ eventId }) => eventId ?? [])
    if (ids.length === 0) return null
    const live = await this.prisma.event.findMany({
      where: { AND: [liveEvents(now), { id: { in: ids } }] },
      select: { id: true },
    })
    const alive = new Set(live.map(({ id }) => id))
    return { eventId: { in: ids.filter((id) => !alive.has(id)) } }
  }

  private async ofFailSafe(): Promise<Prisma.AlertWhereInput | null> {
    const mode = await this.prisma.systemMode.findFirst()
    // What a lone instance raises about itself ends with its own problem, or with the instance.
    return mode?.mode === 'NORMAL' ? { kind: 'FAIL_SAFE', NOT: { about: { startsWith: 'instance ' } } } : null
  }

  /** An instance resolves what it raised about itself; one that ended cannot. */
  private async ofInstances(now: Date): Promise<Prisma.AlertWhereInput | null> {
    const lately = new Date(now.getTime() - INSTANCE_GONE_MS)
    const lone = await this.prisma.instance.count({ where: { redisOk: false, seenAt: { gt: lately } } })
    return lone > 0 ? null : { kind: 'FAIL_SAFE', about: { startsWith: 'instance ' } }
  }

  private async ofChannels(): Promise<Prisma.AlertWhereInput | null> {
    const troubled = await this.prisma.channel.findMany({
      where: { syncError: { not: null } },
      select: { eventId: true, platform: true },
    })
    return {
      kind: { in: ['PLATFORM_UNREACHABLE', 'DEAD_LETTER'] },
      about: { in: CHANNEL_TROUBLES },
      eventId: { not: null },
      NOT: { OR: troubled.map(({ eventId, platform }) => ({ eventId, platform })) },
    }
  }

  /** Each that failed was sent through again; what fails again is kept again. */
  private async ofDeliveries(): Promise<Prisma.AlertWhereInput | null> {
    const failed = await this.prisma.webhookDelivery.groupBy({ by: ['platform'], where: { state: 'FAILED' } })
    const platforms = failed.map(({ platform }) => platform)
    return { kind: 'DEAD_LETTER', about: 'delivery', platform: { notIn: platforms } }
  }

  /** A later run has looked at the same event and left nothing open on the same channel. */
  private async ofDrift(): Promise<Prisma.AlertWhereInput | null> {
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

  /** The wanted cap is confirmed again. */
  private async ofChangedCaps(): Promise<Prisma.AlertWhereInput | null> {
    const behind = await this.prisma.$queryRaw<{ event_id: string; platform: Platform }[]>`
      SELECT event_id, platform::text AS platform FROM channels
      WHERE detached_at IS NULL AND desired_mode = 'OPEN'
        AND (confirmed_cap IS DISTINCT FROM desired_cap OR unsettled_cap IS NOT NULL)`
    return { kind: 'DRIFT', about: 'cap', ...butFor(behind) }
  }

  /** Everything in quarantine could be stored by now, or is no longer shown. */
  private async ofQuarantine(): Promise<Prisma.AlertWhereInput | null> {
    const open = await this.prisma.$queryRaw<{ event_id: string; platform: Platform }[]>`
      SELECT DISTINCT event_id, platform::text AS platform FROM quarantined_records WHERE resolved_at IS NULL`
    return { kind: 'DRIFT', about: 'quarantine', ...butFor(open) }
  }

  private async ofSubscriptions(): Promise<Prisma.AlertWhereInput | null> {
    const rows = await this.prisma.storedValue.findMany({ where: { key: { in: PLATFORMS.map(subscriptionKey) } } })
    const registered = rows.filter(({ value }) => (value as Partial<StoredSubscription>).registered === true)
    const platforms = PLATFORMS.filter((platform) => registered.some(({ key }) => key === subscriptionKey(platform)))
    return { kind: 'PLATFORM_UNREACHABLE', about: 'subscription', platform: { in: platforms } }
  }
}

/** Each failure is noted, and none comes later than the longest backoff of a loop. */
function ofLoops(now: Date): Prisma.AlertWhereInput {
  const lastSeenAt = { lt: new Date(now.getTime() - LOOP_QUIET_MS) }
  return { kind: 'DEAD_LETTER', about: { startsWith: LOOP }, lastSeenAt }
}

/** Alerts of all channels but these. */
function butFor(channels: readonly { event_id: string; platform: Platform }[]): Prisma.AlertWhereInput {
  return { NOT: { OR: channels.map(({ event_id: eventId, platform }) => ({ eventId, platform })) } }
}
