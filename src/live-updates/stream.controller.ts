import { Controller, Get, Req, Res } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { leaveEarly } from '../infrastructure/http/load/open-requests.js'
import { LiveStream } from './live-stream.js'

/**
 * Not Nest's `Sse`: it sends the headers, on which clients read the state, before the handler resolves, so that changes
 * until then would be missed and errors sent with 200.
 */
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
      '`stock`: the changed stock of an event; `order`: the current state of a changed order, with `eventId`; `alert`: ' +
      'an alert that was raised, acknowledged or resolved; `mode`: the system mode; `rebalance`: a move between channels. ' +
      'Events are not replayed on reconnect: read the state then.',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ schema: { type: 'string' } })
  async open(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentUser() user: AuthenticatedUser) {
    const join = await this.live.reserve(user)
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value)
    }
    reply.hijack()
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Otherwise proxies would buffer the events into large responses.
      'x-accel-buffering': 'no',
    })
    request.raw.socket.setNoDelay(true)
    // It stays open: streams have a bound of their own, and must not keep staff from acting.
    leaveEarly(request)
    join(reply.raw)
  }
}
