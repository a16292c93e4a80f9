import { Injectable } from '@nestjs/common'
import { ALERT_KINDS } from '../../alerts/alert-kinds.js'
import { API_PLATFORMS } from '../../domain/channel.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { LIVE_EVENT, OPEN_EVENT, openEvents } from '../../infrastructure/prisma/live-events.js'
import { Outbound } from '../../platforms/outbound.js'
import { registerGauges, type Gauges } from './shared-read.js'

const SPECS = {
  alarm_active: { help: 'Unresolved alerts', labels: ['kind'] },
  waitlist_entries: { help: 'Waitlist entries that are waiting or have an offer', labels: ['state'] },
  outbox_oldest_age_seconds: { help: 'Age of the oldest unconfirmed desired state; 0 if none', labels: [] },
  closing_oldest_age_seconds: {
    help: 'Age of the oldest closing that a platform has not confirmed; 0 if none',
    labels: ['platform'],
  },
  reads_overdue_seconds: { help: 'Age of the oldest scheduled read without a result; 0 if none', labels: ['platform'] },
  drift_tickets: { help: 'Remaining drift after the last reconciliation, in tickets', labels: ['platform'] },
}

/** Gauges across all events, read at a scrape. */
@Injectable()
export class SystemGauges {
  constructor(
    private readonly prisma: PrismaService,
    private readonly outbound: Outbound,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    registerGauges(metrics, SPECS, (gauges) => this.read(gauges), this.clock)
    const help = 'How long a call that raises a cap would wait for budget'
    metrics.gauge('ratelimit_wait_estimate_seconds', help, ['platform'], async (gauge) => {
      for (const platform of API_PLATFORMS) {
        const { waitMs } = await this.outbound.statusOfPlatform(platform)
        gauge.set({ platform }, waitMs / 1_000)
      }
    })
    metrics.gauge('breaker_open', '1 while the circuit breaker blocks calls to the platform', ['platform'], (gauge) => {
      for (const platform of API_PLATFORMS) {
        gauge.set({ platform }, this.outbound.breakerOf(platform) === 'CLOSED' ? 0 : 1)
      }
    })
  }

  private async read(gauges: Gauges<keyof typeof SPECS>): Promise<void> {
    const open = await this.prisma.alert.groupBy({ by: ['kind'], where: { resolvedAt: null }, _count: true })
    const counts = new Map(open.map(({ kind, _count: count }) => [kind, count]))
    for (const kind of ALERT_KINDS) {
      gauges.alarm_active.set({ kind }, counts.get(kind) ?? 0)
    }
    const waitlist = await this.prisma.waitlistEntry.groupBy({
      by: ['state'],
      where: { state: { in: ['WAITING', 'OFFERED'] }, event: openEvents(this.clock.now()) },
      _count: true,
    })
    for (const state of ['WAITING', 'OFFERED']) gauges.waitlist_entries.set({ state }, 0)
    for (const { state, _count: entries } of waitlist) gauges.waitlist_entries.set({ state }, entries)
    gauges.outbox_oldest_age_seconds.set(await this.oldestUnconfirmedSeconds())
    for (const { platform, closing, overdue } of await this.overdue()) {
      gauges.closing_oldest_age_seconds.set({ platform }, Math.max(0, closing ?? 0))
      gauges.reads_overdue_seconds.set({ platform }, Math.max(0, overdue ?? 0))
    }
    for (const { platform, units } of await this.drift()) gauges.drift_tickets.set({ platform }, units)
  }

  private async oldestUnconfirmedSeconds(): Promise<number> {
    const [row] = await this.prisma.$queryRaw<{ seconds: number | null }[]>`
      SELECT extract(epoch FROM now() - min(c.desired_at))::float8 AS seconds
      FROM channels c JOIN events e ON e.id = c.event_id
      WHERE ${OPEN_EVENT} AND c.detached_at IS NULL AND c.paused_since IS NULL
        AND c.platform::text = ANY(${[...API_PLATFORMS]}::text[])
        AND c.confirmed_version < c.desired_version
        AND (c.confirmed_cap IS DISTINCT FROM c.desired_cap OR c.confirmed_mode <> c.desired_mode)`
    return Math.max(0, row?.seconds ?? 0)
  }

  /** The longest overdue closing and read per platform, including those of recently closed events. */
  private async overdue(): Promise<{ platform: string; closing: number | null; overdue: number | null }[]> {
    return this.prisma.$queryRaw<{ platform: string; closing: number | null; overdue: number | null }[]>`
      SELECT c.platform::text AS platform,
        extract(epoch FROM now() - min(LEAST(e.closed_since, e.red_alarm_since, e.paused_since, c.paused_since,
            c.needs_sweep_since, (SELECT since FROM system_mode WHERE mode = 'FAIL_SAFE')))
          FILTER (WHERE c.confirmed_mode <> 'WAITLIST_ONLY'))::float8 AS closing,
        extract(epoch FROM now() - min(s.asked_at)
          FILTER (WHERE c.last_pull_at IS NULL OR c.last_pull_at < s.asked_at))::float8 AS overdue
      FROM channels c JOIN events e ON e.id = c.event_id LEFT JOIN channel_sweeps s ON s.channel_id = c.id
      WHERE ${LIVE_EVENT} AND c.detached_at IS NULL AND c.platform::text = ANY(${[...API_PLATFORMS]}::text[])
      GROUP BY 1`
  }

  /** Counts the newest finished run of each open event. */
  private async drift(): Promise<{ platform: string; units: number }[]> {
    return this.prisma.$queryRaw<{ platform: string; units: number }[]>`
      SELECT i.channel::text AS platform,
        SUM(abs(CASE WHEN jsonb_typeof(i.platform) = 'number' THEN i.platform::text::float8 ELSE 0 END
              - CASE WHEN jsonb_typeof(i.ledger) = 'number' THEN i.ledger::text::float8 ELSE 0 END))::float8 AS units
      FROM events e
      JOIN LATERAL (
        SELECT id FROM reconciliation_runs r
        WHERE r.state = 'SUCCEEDED' AND NOT r.dry_run AND (r.event_id IS NULL OR r.event_id = e.id)
        ORDER BY r.id DESC LIMIT 1
      ) newest ON true
      JOIN reconciliation_items i ON i.run_id = newest.id AND i.event_id = e.id
      WHERE ${OPEN_EVENT} AND NOT i.corrected AND i.channel IS NOT NULL
        AND i.kind IN ('MISSING_SALE', 'MISSING_CANCELLATION')
      GROUP BY 1`
  }
}
