import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import type { Platform } from '../domain/channel.js'
import { SignatureInvalid, ValidationFailed } from '../domain/errors.js'
import { Clock } from '../infrastructure/clock.js'
import { Public } from '../infrastructure/http/access.js'
import { newId } from '../infrastructure/ids.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { Platforms } from '../platforms/platforms.js'
import type { Delivery } from '../platforms/port.js'
import { accepted } from './accepted-delivery.js'
import { DeliveryIntake } from './delivery-intake.js'
import { SignatureLog } from './signature-log.js'

const ACCEPTED = { accepted: true } as const

/** Size, then authenticity on the raw bytes, then shape; then durable, then 202. */
@ApiTags('webhooks')
@Public()
@Controller('webhooks')
export class WebhooksController {
  private readonly received
  private readonly seconds

  constructor(
    private readonly platforms: Platforms,
    private readonly intake: DeliveryIntake,
    private readonly clock: Clock,
    private readonly signatures: SignatureLog,
    metrics: Metrics,
  ) {
    this.received = metrics.counter('webhooks_received_total', 'Deliveries by result', ['platform', 'result'])
    this.seconds = metrics.histogram('webhook_accept_seconds', 'From request to answer', ['platform'])
  }

  @Post('eventbrite/:token')
  @HttpCode(202)
  @ApiOperation({ summary: 'Eventbrite webhook; the last path segment is the secret' })
  eventbrite(@Req() request: FastifyRequest, @Param('token') token: string) {
    return this.take('EVENTBRITE', request, token)
  }

  @Post('luma')
  @HttpCode(202)
  @ApiOperation({ summary: 'Luma webhook, signed (Webhook-Signature)' })
  luma(@Req() request: FastifyRequest) {
    return this.take('LUMA', request, null)
  }

  @Post('meetup')
  @HttpCode(202)
  @ApiOperation({ summary: 'Hints from bridges, signed by Standard Webhooks; Meetup itself sends none' })
  meetup(@Req() request: FastifyRequest) {
    return this.take('MEETUP', request, null)
  }

  private async take(platform: Platform, request: FastifyRequest, pathToken: string | null) {
    const stop = this.seconds.startTimer({ platform })
    const adapter = this.platforms.get(platform)
    const now = this.clock.now()
    const delivery = deliveryOf(request, pathToken)
    const authenticity = adapter.authenticate(delivery, now)
    if (authenticity === 'PING') {
      this.received.inc({ platform, result: 'ping' })
      return ACCEPTED
    }
    this.signatures.note(platform, authenticity === 'AUTHENTIC')
    if (authenticity === 'FORGED') {
      this.received.inc({ platform, result: 'bad_signature' })
      throw new SignatureInvalid('The signature or secret of this delivery is not valid.')
    }
    const hints = adapter.parseDelivery(delivery.body)
    if (hints === null) {
      this.received.inc({ platform, result: 'malformed' })
      throw ValidationFailed.of('body', `is not a delivery of ${platform}`)
    }
    if (hints.some(({ kind }) => kind !== 'NONE')) {
      const deliveryId = delivery.headers['webhook-id'] ?? newId('dlv')
      await this.intake.accept(accepted(platform, delivery, { deliveryId, correlationId: request.id }, now))
    }
    this.received.inc({ platform, result: 'accepted' })
    stop()
    return ACCEPTED
  }
}

function deliveryOf({ headers, body }: FastifyRequest, pathToken: string | null): Delivery {
  const single = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
  )
  return {
    headers: Object.fromEntries(single) as Record<string, string>,
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
    pathToken,
  }
}
