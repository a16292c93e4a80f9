import { Injectable } from '@nestjs/common'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'

const RECENT = '10 minutes'
const KEPT_MS = 10_000

interface Closable {
  id: string
  startsAt: Date
}

/** Which event is closed first: the one that sells fastest has most to lose, then the one that starts soonest. */
@Injectable()
export class ClosingOrder {
  private recent = new Map<string, number>()
  private readAt = Number.NEGATIVE_INFINITY

  constructor(private readonly prisma: PrismaService) {}

  async of<T extends Closable>(events: readonly T[]): Promise<T[]> {
    if (performance.now() - this.readAt > KEPT_MS) {
      this.recent = await this.soldLately()
      this.readAt = performance.now()
    }
    const soldOf = ({ id }: T) => this.recent.get(id) ?? 0
    return events.toSorted((a, b) => soldOf(b) - soldOf(a) || startRank(a) - startRank(b))
  }

  /** Tickets sold on platforms lately, per event. */
  private async soldLately(): Promise<Map<string, number>> {
    const rows = await this.prisma.$queryRaw<{ id: string; tickets: bigint }[]>`
      SELECT event_id AS id, SUM(quantity) AS tickets FROM orders
      WHERE seen_at > now() - ${RECENT}::interval AND platform <> 'DIRECT' GROUP BY 1`
    return new Map(rows.map(({ id, tickets }) => [id, Number(tickets)]))
  }
}

/** Those that have begun come last. */
function startRank({ startsAt }: Closable): number {
  const inMs = startsAt.getTime() - Date.now()
  return inMs >= 0 ? inMs : Number.MAX_SAFE_INTEGER
}
