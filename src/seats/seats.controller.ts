import { Controller, Get, Param, Req, Res } from '@nestjs/common'
import { ApiBearerAuth, ApiNotModifiedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf } from '../infrastructure/http/requests/pagination.js'
import { SeatLists } from './seat-lists.js'
import { SeatDto } from './seats.dto.js'

@ApiTags('direct sale')
@ApiBearerAuth()
@Controller('events/:id/seats')
export class SeatsController {
  constructor(private readonly lists: SeatLists) {}

  @Get()
  @Roles('CUSTOMER')
  @ApiOperation({
    summary:
      'Lists all seats in chart order on one page; empty for an event without a seat chart. The response has an ETag, for If-None-Match',
  })
  @ApiOkResponse({ type: PageOf(SeatDto) })
  @ApiNotModifiedResponse({ description: 'The list has not changed since the response with this ETag' })
  async list(
    @Param('id') eventId: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | undefined> {
    const { body, etag } = await this.lists.get(eventId)
    void reply.header('etag', etag).header('cache-control', 'private, no-cache')
    if (names(request.headers['if-none-match'], etag)) {
      void reply.code(304)
      return undefined
    }
    void reply.header('content-type', 'application/json; charset=utf-8')
    return body
  }
}

/** Whether If-None-Match names this list; proxies that compress mark tags as weak. */
function names(known: string | undefined, etag: string): boolean {
  return known?.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, ''))) ?? false
}
