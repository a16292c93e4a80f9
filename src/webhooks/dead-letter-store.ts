import { Injectable } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { newId } from '../infrastructure/ids.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { wellFormed } from '../infrastructure/text/well-formed.js'
import type { AcceptedDelivery } from './accepted-delivery.js'

/** Deliveries that found no channel or could not be worked on: kept whole, with the reason, for a person to look at. */
@Injectable()
export class DeadLetterStore {
  private readonly kept

  constructor(
    private readonly prisma: PrismaService,
    private readonly alerts: AlertService,
    metrics: Metrics,
  ) {
    this.kept = metrics.counter('webhooks_kept_total', 'Deliveries kept aside', ['platform', 'state'])
  }

  async keep(delivery: AcceptedDelivery, state: 'UNMATCHED' | 'FAILED', reason: string): Promise<void> {
    const { platform, headers, body, receivedAt } = delivery
    await this.prisma.webhookDelivery.create({
      data: {
        id: newId('dlv'),
        platform,
        state,
        reason: wellFormed(reason.slice(0, 1_000)),
        headers: { ...headers, deliveryId: delivery.deliveryId },
        body: Buffer.from(body, 'base64'),
        receivedAt: new Date(receivedAt),
      },
    })
    this.kept.inc({ platform, state })
    if (state === 'UNMATCHED') return
    const detail = `A delivery of ${platform} could not be worked on and is kept: ${wellFormed(reason.slice(0, 200))}. Replay it when the cause is gone.`
    await this.alerts.raise({ kind: 'DEAD_LETTER', platform, about: 'delivery', detail })
  }
}
