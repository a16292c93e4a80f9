import { Body, Controller, Delete, Headers, HttpCode, Param, Post, Res } from '@nestjs/common'
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { CurrentUser } from '../../accounts/current-user.js'
import { Roles } from '../../infrastructure/http/access.js'
import { toInstant } from '../../infrastructure/http/requests/instant.js'
import { WalkInBody, WalkInDto } from './walk-ins.dto.js'
import { WalkIns } from './walk-ins.js'

@ApiTags('door')
@ApiBearerAuth()
@Controller()
export class WalkInsController {
  constructor(private readonly walkIns: WalkIns) {}

  @Post('events/:id/walk-ins')
  @Roles('DOOR')
  @ApiOperation({
    summary: 'Records people who came without a ticket: a number only, or with tickets from the safety stock',
  })
  @ApiCreatedResponse({ type: WalkInDto })
  @ApiOkResponse({ type: WalkInDto, description: 'What an earlier request with this key recorded' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'A retry with the same key records nothing and returns the same response',
  })
  @ApiConflictResponse({
    description:
      'SAFETY: SOLD_OUT, STATE_CONFLICT (sales are paused or closed, the event has ended); IDEMPOTENCY_CONFLICT',
  })
  async record(
    @Param('id') eventId: string,
    @Body() { quantity, from, at, deviceId }: WalkInBody,
    @Headers('idempotency-key') key: string | undefined,
    @CurrentUser() user: AuthenticatedUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WalkInDto> {
    const request = { quantity, from, at: at === undefined ? null : toInstant(at), deviceId: deviceId ?? null }
    const { repeated, ...walkIn } = await this.walkIns.record(eventId, request, user, key)
    if (repeated) void reply.code(200)
    return walkIn
  }

  @Delete('walk-ins/:id')
  @HttpCode(204)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Takes a counted walk-in back' })
  @ApiNoContentResponse({ description: 'Also if it was taken back before' })
  @ApiConflictResponse({ description: 'Tickets were sold: their order has to be cancelled' })
  takeBack(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<void> {
    return this.walkIns.takeBack(id, user)
  }
}
