import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Res } from '@nestjs/common'
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiForbiddenResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Roles } from '../infrastructure/http/access.js'
import { CreateHoldBody, holdDto, HoldDto } from './holds.dto.js'
import { HoldAccess } from './hold-access.js'
import { HoldAdmission } from './creation/hold-admission.js'

@ApiTags('direct sale')
@ApiBearerAuth()
@Controller()
@Roles('CUSTOMER')
export class HoldsController {
  constructor(
    private readonly admission: HoldAdmission,
    private readonly access: HoldAccess,
    private readonly clock: Clock,
  ) {}

  @Post('events/:id/holds')
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'A retry with the same key returns the same hold, for 24 hours',
  })
  @ApiCreatedResponse({ type: HoldDto })
  @ApiOkResponse({ type: HoldDto, description: 'The hold created by an earlier request with this key' })
  @ApiForbiddenResponse({ description: 'EMAIL_UNVERIFIED for a customer, where mails are sent' })
  @ApiConflictResponse({ description: 'SOLD_OUT, SEAT_TAKEN, IDEMPOTENCY_CONFLICT or STATE_CONFLICT' })
  async create(
    @Param('id') eventId: string,
    @Body() body: CreateHoldBody,
    @Headers('idempotency-key') key: string | undefined,
    @CurrentUser() user: AuthenticatedUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HoldDto> {
    const { hold, repeated } = await this.admission.admit(eventId, body, key, user)
    if (repeated) void reply.code(200)
    return holdDto(hold, this.clock.now(), null)
  }

  @Get('holds/:id')
  @ApiOkResponse({ type: HoldDto })
  get(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<HoldDto> {
    return this.access.get(id, user)
  }

  @Delete('holds/:id')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiConflictResponse({ description: 'Confirmed, or being paid' })
  release(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<void> {
    return this.access.release(id, user)
  }
}
