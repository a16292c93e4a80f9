import { Injectable } from '@nestjs/common'
import { channelStateOf } from '../../channels/channel-state.js'
import { allocated, capacityOf, sold, soldTotal, unitsOf, type Balances } from '../../domain/stock/ledger-account.js'
import { CHANNELS, DIRECT, type ChannelName, type ChannelRef } from '../../domain/channel.js'
import { exposure } from '../../domain/caps/exposure.js'
import type { Event } from '../../generated/prisma/client.js'
import type { Channel } from '../../domain/channel-record.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { balancesOf, WITH_BALANCES, type LedgerRow } from '../../infrastructure/prisma/balance-rows.js'
import { openEvents } from '../../infrastructure/prisma/live-events.js'
import { StockGate } from '../../stock/gate/gate.js'
import { registerGauges, type Gauges } from './shared-read.js'
import { withChannels } from '../../infrastructure/prisma/channel-rows.js'

/** Events are a label, so their number is limited: those that start soonest. */
const MAX_EVENTS = 50
const MAX_PENDING = 1_000

const EVENT = ['event']
const CHANNEL = ['event', 'platform']
const SPECS = {
  event_capacity_tickets: { help: 'Tickets that may be sold in total', labels: EVENT },
  sold_tickets: { help: 'Tickets sold', labels: CHANNEL },
  held_tickets: { help: 'Tickets on hold for buyers', labels: EVENT },
  allocated_tickets: { help: 'Tickets a channel may still sell', labels: CHANNEL },
  exposure_unbounded: { help: '1 while the sales of a platform are unbounded: its cap is unknown', labels: CHANNEL },
  channel_imported: { help: '1 once the listing is imported', labels: CHANNEL },
  exposure_tickets: {
    help: 'The most tickets a platform can end up having sold; no sample while unbounded',
    labels: CHANNEL,
  },
  in_transit_tickets: { help: 'Tickets in transit between channels', labels: EVENT },
  safety_tickets: { help: 'Remaining safety stock', labels: EVENT },
  unallocated_tickets: { help: 'Tickets not allocated to a channel', labels: EVENT },
  oversold_tickets: { help: 'Tickets sold beyond the capacity', labels: EVENT },
  sold_ratio: { help: 'Tickets sold or held as a share of the capacity', labels: EVENT },
  red_alarm: { help: '1 while the red alarm is on', labels: EVENT },
  gate_epoch: { help: 'Epoch of the ledger', labels: EVENT },
  gate_open: { help: '1 when the gate is loaded under the epoch of the ledger', labels: EVENT },
  gate_ledger_lag_entries: { help: 'Operations of the gate that the ledger has not confirmed', labels: EVENT },
  platform_last_webhook_timestamp_seconds: { help: 'Last webhook delivery for the channel', labels: CHANNEL },
  platform_last_confirmed_write_timestamp_seconds: { help: 'Last confirmed cap or mode', labels: CHANNEL },
  platform_last_pull_timestamp_seconds: { help: 'Last complete read of changed orders', labels: CHANNEL },
}

type StockGaugeSet = Gauges<keyof typeof SPECS>
type Loaded = Event & { ledger: LedgerRow | null; channels: Channel[] }

/** The stock of open events, read from PostgreSQL and the gate at a scrape. */
@Injectable()
export class StockGauges {
  constructor(
    private readonly prisma: PrismaService,
    private readonly gate: StockGate,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    registerGauges(metrics, SPECS, (gauges) => this.read(gauges), this.clock)
  }

  private async read(gauges: StockGaugeSet): Promise<void> {
    const events = await this.prisma.event.findMany({
      where: openEvents(this.clock.now()),
      include: { ledger: WITH_BALANCES, channels: true },
      orderBy: { startsAt: 'asc' },
      take: MAX_EVENTS,
    })
    for (const event of events) setStock(gauges, withChannels(event))
    // Without Redis the gate is unavailable; the gauges of the ledger are set regardless.
    await Promise.all(events.map((event) => this.readGate(gauges, event).catch(() => undefined)))
  }

  private async readGate(gauges: StockGaugeSet, { id, ledger }: Pick<Loaded, 'id' | 'ledger'>): Promise<void> {
    const [gateView, pending] = await Promise.all([this.gate.read(id), this.gate.pending(id, 0, MAX_PENDING)])
    gauges.gate_open.set({ event: id }, gateView?.epoch === ledger?.epoch ? 1 : 0)
    gauges.gate_ledger_lag_entries.set({ event: id }, pending.length)
  }
}

function setStock(gauges: StockGaugeSet, { id: event, ledger, channels, redAlarmSince }: Loaded): void {
  if (!ledger) return
  const balances = balancesOf(ledger)
  const capacity = capacityOf(balances)
  gauges.event_capacity_tickets.set({ event }, capacity)
  gauges.held_tickets.set({ event }, balances.HELD)
  gauges.in_transit_tickets.set({ event }, balances.IN_TRANSIT)
  gauges.safety_tickets.set({ event }, balances.SAFETY)
  gauges.unallocated_tickets.set({ event }, balances.UNALLOCATED)
  gauges.oversold_tickets.set({ event }, Math.abs(balances.OVERSOLD))
  gauges.sold_ratio.set({ event }, capacity > 0 ? (soldTotal(balances) + balances.HELD) / capacity : 0)
  gauges.red_alarm.set({ event }, redAlarmSince ? 1 : 0)
  gauges.gate_epoch.set({ event }, ledger.epoch)
  for (const platform of CHANNELS) {
    const own: ChannelRef[] =
      platform === DIRECT.id ? [DIRECT] : channels.filter((channel) => channel.platform === platform)
    gauges.sold_tickets.set(
      { event, platform },
      sum(own, (channel) => unitsOf(balances, sold(channel))),
    )
    gauges.allocated_tickets.set(
      { event, platform },
      sum(own, (channel) => unitsOf(balances, allocated(channel))),
    )
  }
  for (const platform of new Set(channels.map((channel) => channel.platform))) {
    const own = channels.filter((channel) => channel.platform === platform)
    setPlatform(gauges, { event, platform }, own, balances)
  }
}

/** The channels of one event on one platform together: sums, and the oldest of each instant. */
function setPlatform(
  gauges: StockGaugeSet,
  labels: { event: string; platform: ChannelName },
  channels: readonly Channel[],
  balances: Balances,
): void {
  const exposed = sum(channels, (channel) => exposure(channelStateOf(channel, balances)))
  gauges.exposure_unbounded.set(labels, exposed === Infinity ? 1 : 0)
  gauges.channel_imported.set(labels, channels.every(({ importedAt }) => importedAt) ? 1 : 0)
  if (exposed !== Infinity) gauges.exposure_tickets.set(labels, exposed)
  const oldest = (gauge: StockGaugeSet[keyof StockGaugeSet], instantOf: (channel: Channel) => Date | null) => {
    const instants = channels.map(instantOf).filter((instant) => instant !== null)
    if (instants.length === channels.length) gauge.set(labels, Math.min(...instants.map(Number)) / 1_000)
  }
  oldest(gauges.platform_last_webhook_timestamp_seconds, ({ lastWebhookAt }) => lastWebhookAt)
  oldest(gauges.platform_last_confirmed_write_timestamp_seconds, ({ confirmedAt }) => confirmedAt)
  oldest(gauges.platform_last_pull_timestamp_seconds, ({ lastPullAt }) => lastPullAt)
}

function sum<T>(items: readonly T[], countOf: (item: T) => number): number {
  return items.reduce((total, item) => total + countOf(item), 0)
}
