import { Injectable } from '@nestjs/common'
import { AlertService } from '../../alerts/alert.service.js'
import { newId } from '../../infrastructure/ids.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { wellFormed } from '../../infrastructure/text/well-formed.js'
import { connectionOf, type AcceptedDelivery } from '../receive/accepted-delivery.js'
import { DeliveryStore } from './delivery-store.js'
import { withoutPersonalData } from './mask.js'

/**
 * Deliveries that match no channel or failed permanently: stored with the reason, for an operator to inspect and replay.
 * What matches no channel is without personal data: guests of other events are none of our business, and a replay reads
 * the order from the platform.
 */
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
    const { platform, headers, receivedAt } = delivery
    const body = Buffer.from(delivery.body, 'base64')
    await this.deliveries.add({
      id: newId('dlv'),
      platform,
      connectionId: connectionOf(delivery),
      state,
      reason: wellFormed(reason.slice(0, 1_000)),
      headers: { ...headers, deliveryId: delivery.deliveryId },
      body: state === 'UNMATCHED' ? withoutPersonalData(body) : body,
      receivedAt: new Date(receivedAt),
    })
    this.deadLettered.inc({ platform, state })
    if (state === 'UNMATCHED') return
    const detail = `A webhook delivery from ${platform} failed and was dead-lettered: ${wellFormed(reason.slice(0, 200))}. Replay it once the cause is fixed.`
    await this.alerts.raise({ kind: 'DEAD_LETTER', platform, about: 'delivery', detail })
  }
}
