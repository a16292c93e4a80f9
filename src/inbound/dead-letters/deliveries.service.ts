import { Injectable } from '@nestjs/common'
import { NotFound } from '../../domain/errors.js'
import { newId } from '../../infrastructure/ids.js'
import { readCursor, toPage, type Page } from '../../infrastructure/http/requests/pagination.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { DeliveriesQuery, DeliveryDto } from './deliveries.dto.js'
import { DeliveryIntake } from '../receive/delivery-intake.js'
import { DeliveryStore } from './delivery-store.js'
import { maskedBody } from './mask.js'

/** Lists dead-lettered deliveries and replays them through the path that every delivery takes. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly deliveries: DeliveryStore,
    private readonly intake: DeliveryIntake,
    private readonly clock: Clock,
  ) {}

  async list(query: DeliveriesQuery): Promise<Page<DeliveryDto>> {
    const { platform, state, limit } = query
    // One more than the page shows: whether there is a next one.
    const rows = await this.deliveries.newest({ platform, state, before: readCursor(query.cursor) }, limit + 1)
    return toPage(rows, limit, (row) => ({
      id: row.id,
      platform: row.platform,
      state: row.state,
      reason: row.reason,
      receivedAt: row.receivedAt.toISOString(),
      replayedAt: row.replayedAt?.toISOString() ?? null,
      attempts: row.attempts,
      body: maskedBody(row.body),
    }))
  }

  /** Throws NotFound, and Unavailable when the delivery could not be stored durably. */
  async replay(id: string): Promise<{ id: string; state: 'REPLAYED' }> {
    const row = await this.deliveries.find(id)
    if (!row) throw new NotFound('There is no such delivery.')
    const { deliveryId = id, ...headers } = row.headers
    await this.intake.accept({
      platform: row.platform,
      connectionId: row.connectionId,
      deliveryId,
      headers,
      body: Buffer.from(row.body).toString('base64'),
      receivedAt: row.receivedAt.toISOString(),
      replayedAt: this.clock.now().toISOString(),
      correlationId: newId('replay'),
    })
    await this.deliveries.markReplayed(id, this.clock.now())
    return { id, state: 'REPLAYED' }
  }
}
