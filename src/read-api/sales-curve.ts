import { Injectable } from '@nestjs/common'
import { CHANNELS, DIRECT, type ChannelName } from '../domain/channel.js'
import { Clock } from '../infrastructure/time/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { eventNotFound } from '../domain/errors.js'
import type { SalesCurveDto } from './sales-curve.dto.js'

const MAX_STEPS = 240
const STEPS_SECONDS = [1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400]

interface Row {
  step: bigint
  platform: ChannelName
  sold: bigint
}

/** Cumulative tickets sold by channel over time, according to the ledger. */
@Injectable()
export class SalesCurve {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /** Throws NotFound. */
  async of(eventId: string): Promise<SalesCurveDto> {
    const event = await this.prisma.event.findUnique({ where: { id: eventId }, select: { createdAt: true } })
    if (!event) throw eventNotFound()
    const now = this.clock.now().getTime() / 1_000
    const start = event.createdAt.getTime() / 1_000
    const stepSeconds = stepFor(now - start)
    const rows = await this.changes(eventId, stepSeconds)
    const first = Math.floor(start / stepSeconds)
    const steps = Array.from({ length: Math.floor(now / stepSeconds) - first + 1 }, (_, index) => first + index)
    return {
      eventId,
      stepSeconds,
      times: steps.map((step) => new Date(Math.min((step + 1) * stepSeconds, now) * 1_000).toISOString()),
      channels: CHANNELS.map((platform) => ({ platform, sold: cumulativeSold(rows, platform, steps) })),
      asOf: this.clock.now().toISOString(),
    }
  }

  private changes(eventId: string, stepSeconds: number): Promise<Row[]> {
    return this.prisma.$queryRaw<Row[]>`
      SELECT floor(extract(epoch FROM o.recorded_at) / ${stepSeconds})::bigint AS step,
        COALESCE(c.platform::text, ${DIRECT.id}) AS platform, SUM(m.units) AS sold
      FROM (
        SELECT operation_id, substr(to_account, 6) AS channel_id, quantity AS units
        FROM stock_movements WHERE event_id = ${eventId} AND to_account LIKE 'SOLD:%'
        UNION ALL
        SELECT operation_id, substr(from_account, 6), -quantity
        FROM stock_movements WHERE event_id = ${eventId} AND from_account LIKE 'SOLD:%'
      ) AS m JOIN stock_operations o USING (operation_id) LEFT JOIN channels c ON c.id = m.channel_id
      GROUP BY 1, 2`
  }
}

function stepFor(spanSeconds: number): number {
  const fitting = STEPS_SECONDS.find((step) => spanSeconds / step <= MAX_STEPS)
  return fitting ?? Math.ceil(spanSeconds / MAX_STEPS / 86_400) * 86_400
}

function cumulativeSold(rows: readonly Row[], platform: ChannelName, steps: readonly number[]): number[] {
  const own = new Map(
    rows.filter((row) => row.platform === platform).map((row) => [Number(row.step), Number(row.sold)]),
  )
  let total = 0
  return steps.map((step) => (total += own.get(step) ?? 0))
}
