import { Injectable } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import { NotFound } from '../domain/errors.js'
import { newId } from '../infrastructure/ids.js'
import { pageArgs, toPage, type Page } from '../infrastructure/http/pagination.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import type { DeliveriesQuery, DeliveryDto } from './deliveries.dto.js'
import { DeliveryIntake } from './delivery-intake.js'
import { maskedBody } from './mask.js'

/** Lists dead-lettered deliveries and replays them through the path that every delivery takes. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly intake: DeliveryIntake,
    private readonly clock: Clock,
  ) {}

  async list(query: DeliveriesQuery): Promise<Page<DeliveryDto>> {
    const { where, ...page } = pageArgs(query)
    const { platform, state } = query
    const rows = await this.prisma.webhookDelivery.findMany({
      ...page,
      where: { ...where, ...(platform ? { platform } : {}), ...(state ? { state } : {}) },
    })
    return toPage(rows, query.limit, (row) => ({
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
    const row = await this.prisma.webhookDelivery.findUnique({ where: { id } })
    if (!row) throw new NotFound('There is no such delivery.')
    const { deliveryId = id, ...headers } = row.headers as Record<string, string>
    await this.intake.accept({
      platform: row.platform as Platform,
      deliveryId,
      headers,
      body: Buffer.from(row.body).toString('base64'),
      receivedAt: row.receivedAt.toISOString(),
      replayedAt: this.clock.now().toISOString(),
      correlationId: newId('replay'),
    })
    await this.prisma.webhookDelivery.update({
      where: { id },
      data: { state: 'REPLAYED', replayedAt: this.clock.now(), attempts: { increment: 1 } },
    })
    return { id, state: 'REPLAYED' }
  }
}
