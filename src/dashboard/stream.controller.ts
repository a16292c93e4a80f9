import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { LiveStream } from './live-stream.js'

@ApiTags('dashboard')
@ApiBearerAuth()
@Controller('stream')
export class StreamController {
  constructor(private readonly live: LiveStream) {}

  @Get()
  @Roles('VIEWER')
  @ApiOperation({
    summary: 'Server-sent events, by bearer or session cookie',
    description:
      '`stock`: the stock of an event that changed; `order`: an order as it stands now, with `eventId`; `alert`: one ' +
      'that was raised, acknowledged or resolved; `mode`: the system mode; `rebalance`: a move between channels. Nothing is ' +
      'repeated to who comes back: read the state then.',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ schema: { type: 'string' } })
  async open(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentUser() account: AuthenticatedUser) {
    const join = await this.live.reserve(account)
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value)
    }
    reply.hijack()
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies would collect the events into large answers.
      'x-accel-buffering': 'no',
    })
    request.raw.socket.setNoDelay(true)
    join(reply.raw)
  }
}
