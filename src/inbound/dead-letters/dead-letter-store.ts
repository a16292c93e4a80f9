import { Injectable } from '@nestjs/common'
import { AlertService } from '../../alerts/alert.service.js'
import { newId } from '../../infrastructure/ids.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { wellFormed } from '../../infrastructure/text/well-formed.js'
import type { AcceptedDelivery } from '../receive/accepted-delivery.js'
import { DeliveryStore } from './delivery-store.js'

/** Deliveries that match no channel or failed permanently: stored whole, with the reason, for an operator to inspect and replay. */
@Injectable()
export class DeadLetterStore {
  private readonly deadLettered

  constructor(
    private readonly deliveries: DeliveryStore,
    private readonly alerts: AlertService,
    metrics: Metrics,
  ) {
    this.deadLettered = metrics.counter('webhooks_dead_lettered_total', 'Webhook deliveries stored as dead letters', [
      'platform',
      'state',
    ])
  }

  async add(delivery: AcceptedDelivery, state: 'UNMATCHED' | 'FAILED', reason: string): Promise<void> {
    const { platform, headers, body, receivedAt } = delivery
    await this.deliveries.add({
      id: newId('dlv'),
      platform,
      state,
      reason: wellFormed(reason.slice(0, 1_000)),
      headers: { ...headers, deliveryId: delivery.deliveryId },
      body: Buffer.from(body, 'base64'),
      receivedAt: new Date(receivedAt),
    })
    this.deadLettered.inc({ platform, state })
    if (state === 'UNMATCHED') return
    const detail = `A webhook delivery from ${platform} failed and was dead-lettered: ${wellFormed(reason.slice(0, 200))}. Replay it once the cause is fixed.`
    await this.alerts.raise({ kind: 'DEAD_LETTER', platform, about: 'delivery', detail })
  }
}
