import { Controller, HttpCode, Post, Req } from '@nestjs/common'
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { SignatureInvalid, ValidationFailed } from '../../domain/errors.js'
import { Config } from '../../infrastructure/config/config.js'
import { ACCEPTED, AcceptedDto } from '../../infrastructure/http/accepted.dto.js'
import { Public } from '../../infrastructure/http/access.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { PaymentNotifications } from '../processing/payment-notifications.js'
import { readStripeDelivery } from './stripe-delivery.js'

const PLATFORM = 'STRIPE'

/** Checks size, then the signature of the raw bytes, then the shape; responds 202 once the update is stored. */
@ApiTags('webhooks')
@Public()
@Controller('webhooks')
export class StripeWebhookController {
  private readonly received

  constructor(
    private readonly config: Config,
    private readonly notifications: PaymentNotifications,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.received = metrics.counter('webhooks_received_total', 'Deliveries by result', ['platform', 'result'])
  }

  @Post('stripe')
  @HttpCode(202)
  @ApiOperation({ summary: 'Stripe webhook, signed (Stripe-Signature)' })
  @ApiAcceptedResponse({ type: AcceptedDto })
  async stripe(@Req() { headers, body }: FastifyRequest) {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
    const { webhookSecret } = this.config.stripe
    const delivery = readStripeDelivery(bytes, headers['stripe-signature'], webhookSecret, this.clock.now())
    if (delivery === 'FORGED') {
      this.received.inc({ platform: PLATFORM, result: 'bad_signature' })
      throw new SignatureInvalid('The signature of this webhook delivery is invalid.')
    }
    if (delivery === 'MALFORMED') {
      this.received.inc({ platform: PLATFORM, result: 'malformed' })
      throw ValidationFailed.of('body', 'is not a Stripe event')
    }
    if (delivery.reference !== null) await this.notifications.handleUpdate(delivery.reference, delivery)
    this.received.inc({ platform: PLATFORM, result: 'accepted' })
    return ACCEPTED
  }
}
