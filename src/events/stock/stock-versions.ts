import { Injectable } from '@nestjs/common'
import { Prisma } from '../../generated/prisma/client.js'
import { BatchedReads } from '../../infrastructure/batched-reads.js'
import { LIVE_EVENT } from '../../infrastructure/prisma/live-events.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'

export interface StockVersion {
  /** Of the event. */
  id: string
  version: string
}

/** Of all rows that an event's stock consists of. */
const VERSIONS = Prisma.sql`
  SELECT e.id, concat_ws('.', e.xmin, l.xmin, (
    SELECT string_agg(b.xmin::text, '.' ORDER BY b.account) FROM balances b WHERE b.event_id = e.id
  ), '/', (
    SELECT string_agg(c.xmin::text, '.' ORDER BY c.id) FROM channels c WHERE c.event_id = e.id
  )) AS version
  FROM events e JOIN ledgers l ON l.event_id = e.id`

/**
 * Versions of events' stock, by PostgreSQL's row versions (`xmin`): every update, by any process, changes them, and they
 * show only what is committed.
 */
@Injectable()
export class StockVersions {
  private readonly reads = new BatchedReads<string>(async (ids) => {
    return new Map((await this.ofAll(ids)).map(({ id, version }) => [id, version]))
  })

  constructor(private readonly prisma: PrismaService) {}

  /** As of this call or later; callers of the same moment share one query. Undefined: there is no such event. */
  of(eventId: string): Promise<string | undefined> {
    return this.reads.get(eventId)
  }

  /** Of the events that exist. */
  ofAll(eventIds: readonly string[]): Promise<StockVersion[]> {
    return this.prisma.$queryRaw`/* prepared */ ${VERSIONS} WHERE e.id = ANY(${eventIds})`
  }

  /** Of live events and of those that changed within the last minute, newest first. */
  ofLive(limit: number): Promise<StockVersion[]> {
    return this.prisma.$queryRaw`/* prepared */ ${VERSIONS}
      WHERE ${LIVE_EVENT} OR e.updated_at > now() - interval '1 minute'
      ORDER BY e.id DESC LIMIT ${limit}`
  }
}
