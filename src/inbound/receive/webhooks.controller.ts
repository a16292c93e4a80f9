import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common'
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Platform } from '../../domain/channel.js'
import { SignatureInvalid, ValidationFailed } from '../../domain/errors.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { ACCEPTED, AcceptedDto } from '../../infrastructure/http/accepted.dto.js'
import { Public } from '../../infrastructure/http/access.js'
import { DirectRoutes } from '../../infrastructure/http/direct-routes.js'
import { newId } from '../../infrastructure/ids.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { Platforms, type PlatformConnection } from '../../platforms/platforms.js'
import type { Delivery } from '../../platforms/port.js'
import { traitsOf } from '../../platforms/registry.js'
import { toAcceptedDelivery } from './accepted-delivery.js'
import { DeliveryIntake } from './delivery-intake.js'
import { SignatureLog } from './signature-log.js'

/** Checks size, then authenticity of the raw bytes, then shape; stores the delivery durably, then responds 202. */
@ApiTags('webhooks')
@Public()
@Controller('webhooks')
export class WebhooksController {
  private readonly received
  private readonly acceptSeconds

  constructor(
    private readonly platforms: Platforms,
    private readonly intake: DeliveryIntake,
    private readonly clock: Clock,
    private readonly signatures: SignatureLog,
    routes: DirectRoutes,
    metrics: Metrics,
  ) {
    routes.post('/webhooks/eventbrite/:token', (request, reply) =>
      respond(reply, this.eventbrite(request, (request.params as { token: string }).token)),
    )
    routes.post('/webhooks/luma', (request, reply) => respond(reply, this.luma(request)))
    routes.post('/webhooks/luma/:token', (request, reply) =>
      respond(reply, this.lumaOfConnection(request, (request.params as { token: string }).token)),
    )
    routes.post('/webhooks/meetup', (request, reply) => respond(reply, this.meetup(request)))
    this.received = metrics.counter('webhooks_received_total', 'Deliveries by result', ['platform', 'result'])
    this.acceptSeconds = metrics.histogram('webhook_accept_seconds', 'Time from request to response', ['platform'])
  }

  @Post('eventbrite/:token')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: AcceptedDto })
  @ApiOperation({ summary: 'Eventbrite webhook; the last path segment is the secret' })
  eventbrite(@Req() request: FastifyRequest, @Param('token') token: string) {
    return this.receive('EVENTBRITE', request, token)
  }

  @Post('luma')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: AcceptedDto })
  @ApiOperation({ summary: 'Luma webhook, signed (Webhook-Signature)' })
  luma(@Req() request: FastifyRequest) {
    return this.receive('LUMA', request, null)
  }

  @Post('luma/:token')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: AcceptedDto })
  @ApiOperation({ summary: 'Luma webhook of an added connection, which the last path segment names; signed as well' })
  lumaOfConnection(@Req() request: FastifyRequest, @Param('token') token: string) {
    return this.receive('LUMA', request, token)
  }

  @Post('meetup')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: AcceptedDto })
  @ApiOperation({ summary: 'Hints from bridges, signed by Standard Webhooks; Meetup itself sends no webhooks' })
  meetup(@Req() request: FastifyRequest) {
    return this.receive('MEETUP', request, null)
  }

  private async receive(platform: Platform, request: FastifyRequest, pathToken: string | null) {
    const stopTimer = this.acceptSeconds.startTimer({ platform })
    const connection = this.connectionOf(platform, pathToken)
    if (connection === null) throw this.forged(this.platforms.ofEnvironment(platform))
    const { adapter } = connection
    const now = this.clock.now()
    const delivery = toDelivery(request, pathToken)
    const authenticity = adapter.authenticate(delivery, now)
    if (authenticity === 'PING') {
      this.received.inc({ platform, result: 'ping' })
      return ACCEPTED
    }
    if (authenticity === 'FORGED') throw this.forged(connection)
    this.signatures.record(connection.id, true)
    const hints = adapter.parseDelivery(delivery.body)
    if (hints === null) {
      this.received.inc({ platform, result: 'malformed' })
      throw ValidationFailed.of('body', `is not a delivery of ${platform}`)
    }
    if (hints.some(({ kind }) => kind !== 'NONE')) {
      const deliveryId = delivery.headers['webhook-id'] ?? newId('dlv')
      await this.intake.accept(toAcceptedDelivery(connection, delivery, { deliveryId, correlationId: request.id }, now))
    }
    this.received.inc({ platform, result: 'accepted' })
    stopTimer()
    return ACCEPTED
  }

  /** A delivery is checked against the secrets of one connection only. Null: its path names none. */
  private connectionOf(platform: Platform, pathToken: string | null): PlatformConnection | null {
    const added = pathToken === null ? null : this.platforms.byWebhookToken(platform, pathToken)
    // In the environment's own path the token is a secret that its adapter checks, on platforms that have one.
    const isEnvironments = pathToken === null || traitsOf(platform).webhooks?.secretVariable != null
    return added ?? (isEnvironments ? this.platforms.ofEnvironment(platform) : null)
  }

  private forged({ id, platform }: PlatformConnection): SignatureInvalid {
    this.signatures.record(id, false)
    this.received.inc({ platform, result: 'bad_signature' })
    return new SignatureInvalid('The signature or secret of this delivery is not valid.')
  }
}

async function respond(reply: FastifyReply, accepted: Promise<AcceptedDto>): Promise<FastifyReply> {
  return reply.code(202).send(await accepted)
}

function toDelivery({ headers, body }: FastifyRequest, pathToken: string | null): Delivery {
  return {
    headers: textHeaders(headers),
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
    pathToken,
  }
}

/** Only a header that is repeated is not text, and there is hardly ever one: usually they are not copied. */
function textHeaders(headers: FastifyRequest['headers']): Record<string, string> {
  if (Object.values(headers).every((value) => typeof value === 'string')) return headers as Record<string, string>
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
  )
  return Object.fromEntries(fields) as Record<string, string>
}
