import { Injectable } from '@nestjs/common'
import type { AlertKind } from '../alerts/alert-kinds.js'
import { LOOP_ALERT_PREFIX } from '../alerts/loop-failures.js'
import { keyOf } from '../alerts/alert.service.js'
import { AlertStore, type AlertCriteria } from '../alerts/alert-store.js'
import { DeliveryStore } from '../inbound/dead-letters/delivery-store.js'
import { SubscriptionStore, type SubscriptionRecord } from '../inbound/subscriptions/subscription-store.js'
import { Instances } from '../infrastructure/instances/instances.js'
import { QuarantineStore } from '../orders/quarantine-store.js'
import { alertSubjectOf, Platforms } from '../platforms/platforms.js'
import { DriftStore } from '../reconciliation/drift/drift-store.js'
import { EventStore } from '../stock/event-store.js'
import { ModeStore } from '../system-mode/mode-store.js'
import { ChannelHealth } from './channel-health.js'

/** Null: none. */
type Found = Omit<AlertCriteria, 'kinds'> | null

/** Finds alerts of some kinds whose problem is over. */
export interface Resolution {
  about: string
  /** Null: of every kind. */
  kinds: readonly AlertKind[] | null
  find: (now: Date) => Promise<Found>
}

/** Values of `about` in alerts of the cap sync and of the sweep after an outage. */
const CHANNEL_FAILURES = ['REJECTED', 'AUTH_FAILED', 'FORBIDDEN', 'GONE', 'UNSUPPORTED', 'EXCEPTION', 'outage sweep']

/** How `about` starts in alerts that an instance raises about itself. */
const INSTANCE_PREFIX = 'instance '

/** A loop without a failure for this long has recovered, ms. */
const LOOP_RECOVERY_MS = 420_000

/** An instance without a heartbeat for this long has ended, ms. */
const INSTANCE_TIMEOUT_MS = 30_000

/** Finds unresolved alerts, raised by operations that failed, whose problem is over. */
@Injectable()
export class AlertResolver {
  readonly resolutions: readonly Resolution[] = [
    { about: 'past events', kinds: null, find: (now) => this.ofPastEvents(now) },
    { about: 'red alarms', kinds: ['RED_ALARM'], find: async () => ({ event: 'NO_RED_ALARM' }) },
    { about: 'oversold events', kinds: ['OVERSOLD'], find: async () => ({ event: 'NOT_OVERSOLD' }) },
    { about: 'fail-safe mode', kinds: ['FAIL_SAFE'], find: () => this.ofFailSafe() },
    { about: 'instances without Redis', kinds: ['FAIL_SAFE'], find: () => this.ofInstances() },
    { about: 'channels in sync', kinds: ['PLATFORM_UNREACHABLE', 'DEAD_LETTER'], find: () => this.ofChannels() },
    { about: 'recovered loops', kinds: ['DEAD_LETTER'], find: async (now) => ofLoops(now) },
    { about: 'failed deliveries', kinds: ['DEAD_LETTER'], find: () => this.ofDeliveries() },
    { about: 'drift', kinds: ['DRIFT'], find: () => this.ofDrift() },
    { about: 'changed caps', kinds: ['DRIFT'], find: (now) => this.ofChangedCaps(now) },
    { about: 'quarantine', kinds: ['DRIFT'], find: () => this.ofQuarantine() },
    { about: 'subscriptions', kinds: ['PLATFORM_UNREACHABLE'], find: () => this.ofSubscriptions() },
  ]

  constructor(
    private readonly alerts: AlertStore,
    private readonly events: EventStore,
    private readonly modes: ModeStore,
    private readonly instances: Instances,
    private readonly channels: ChannelHealth,
    private readonly deliveries: DeliveryStore,
    private readonly drifts: DriftStore,
    private readonly quarantine: QuarantineStore,
    private readonly subscriptions: SubscriptionStore,
    private readonly platforms: Platforms,
  ) {}

  private async ofPastEvents(now: Date): Promise<Found> {
    const ids = await this.alerts.eventsWithUnresolved()
    if (ids.length === 0) return null
    const live = new Set(await this.events.ids({ scope: 'live', now, ids }))
    return { eventIds: ids.filter((id) => !live.has(id)) }
  }

  private async ofFailSafe(): Promise<Found> {
    const { mode } = await this.modes.read()
    // Alerts that an instance raises about itself resolve with its own problem, or when the instance ends.
    return mode === 'NORMAL' ? { exceptAboutPrefix: INSTANCE_PREFIX } : null
  }

  /** A running instance resolves the alerts about itself; those of ended instances are resolved here. */
  private async ofInstances(): Promise<Found> {
    const isWithoutRedis = await this.instances.anyWithoutRedis(INSTANCE_TIMEOUT_MS)
    return isWithoutRedis ? null : { aboutPrefix: INSTANCE_PREFIX }
  }

  private async ofChannels(): Promise<Found> {
    const exceptChannels = await this.channels.notSynchronized()
    return { abouts: CHANNEL_FAILURES, exceptChannels }
  }

  /** Platforms without failed deliveries: all were replayed, and a replay that fails is stored again. */
  private async ofDeliveries(): Promise<Found> {
    const exceptPlatforms = await this.deliveries.platformsWithFailed()
    return { abouts: ['delivery'], exceptPlatforms }
  }

  /** A later run has compared the same event and left no uncorrected drift on the same channel. */
  private async ofDrift(): Promise<Found> {
    const alerts = await this.alerts.unresolved({ kinds: ['DRIFT'], abouts: ['reconciliation'] })
    const reported = alerts.flatMap(({ id, eventId, platform: channel, lastSeenAt: since }) =>
      eventId === null ? [] : [{ id, eventId, channel, since }],
    )
    const settled = await this.drifts.settled(reported)
    return settled.length === 0 ? null : { ids: settled.map(({ id }) => id) }
  }

  /** The desired cap is confirmed again. */
  private async ofChangedCaps(now: Date): Promise<Found> {
    return { abouts: ['cap'], exceptChannels: await this.channels.withoutDesiredCap(now) }
  }

  /** All quarantined records of the channel were stored since, or are no longer shown by the platform. */
  private async ofQuarantine(): Promise<Found> {
    return { abouts: ['quarantine'], exceptChannels: await this.quarantine.openPlaces() }
  }

  private async ofSubscriptions(): Promise<Found> {
    const connections = this.platforms.all()
    const records = await this.subscriptions.records(connections.map(({ id }) => id))
    const registered = connections.filter(
      ({ id }) => (records.get(id) as Partial<SubscriptionRecord> | null | undefined)?.registered === true,
    )
    const about = { kind: 'PLATFORM_UNREACHABLE', about: 'subscription' } as const
    const keys = registered.map((connection) => {
      return keyOf({ ...about, platform: connection.platform, ...alertSubjectOf(connection) })
    })
    return keys.length === 0 ? null : { keys }
  }
}

/** Every failure updates `lastSeenAt`, and the interval between failures is at most the longest backoff of a loop. */
function ofLoops(now: Date): Found {
  const lastSeenBefore = new Date(now.getTime() - LOOP_RECOVERY_MS)
  return { aboutPrefix: LOOP_ALERT_PREFIX, lastSeenBefore }
}
