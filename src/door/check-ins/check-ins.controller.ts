import { Body, Controller, Delete, HttpCode, Param, Post } from '@nestjs/common'
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { CurrentUser } from '../../accounts/current-user.js'
import { DomainError, ValidationFailed } from '../../domain/errors.js'
import { Roles } from '../../infrastructure/http/access.js'
import { toInstant } from '../../infrastructure/http/requests/instant.js'
import { CheckIns, type Scan } from './check-ins.js'
import {
  CHECK_IN_RESPONSE,
  CheckInResponses,
  CheckInsBody,
  type CheckInDto,
  type CheckInItemBody,
  type CheckInResultDto,
  type CheckInResultsDto,
} from './check-ins.dto.js'

@ApiTags('door')
@ApiBearerAuth()
@CheckInResponses
@Controller()
export class CheckInsController {
  constructor(private readonly checkIns: CheckIns) {}

  @Post('events/:id/check-ins')
  @HttpCode(200)
  @Roles('DOOR')
  @ApiOperation({ summary: 'Checks in a ticket, or those that a phone scanned while it was offline' })
  @ApiOkResponse({ schema: CHECK_IN_RESPONSE })
  @ApiNotFoundResponse({ description: 'The event has no such ticket' })
  @ApiConflictResponse({ description: 'The ticket is cancelled, or the code is of before it was transferred' })
  async record(
    @Param('id') id: string,
    @Body() { items, ...item }: CheckInsBody,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<CheckInDto | CheckInResultsDto> {
    if (items) {
      if (item.code !== undefined || item.ticketId !== undefined) {
        throw ValidationFailed.of('items', 'takes the place of code and ticketId')
      }
      const scans = items.map((one, index) => scanOf({ ...item, ...one }, `items.${index}.`))
      return { items: (await this.checkIns.record(id, scans, user)).map(resultOf) }
    }
    const [result] = await this.checkIns.record(id, [scanOf(item)], user)
    if (!result || result instanceof DomainError) throw result ?? new Error('a scan has no result')
    return result
  }

  @Delete('check-ins/:ticketId')
  @HttpCode(204)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Takes a check-in back, also one on the platform: the ticket is not checked in any more' })
  @ApiNoContentResponse()
  takeBack(@Param('ticketId') ticketId: string, @CurrentUser() user: AuthenticatedUser): Promise<void> {
    return this.checkIns.takeBack(ticketId, user)
  }
}

function scanOf({ code, ticketId, at, deviceId }: CheckInItemBody, path = ''): Scan {
  if ((code === undefined) === (ticketId === undefined)) {
    throw ValidationFailed.of(`${path}code`, 'or ticketId is required, and only one of them')
  }
  return {
    code: code?.trim() ?? null,
    ticketId: ticketId ?? null,
    at: at === undefined ? null : toInstant(at),
    deviceId: deviceId ?? null,
  }
}

function resultOf(result: CheckInDto | DomainError): CheckInResultDto {
  if (!(result instanceof DomainError)) return { status: 200, ...result }
  const { code, message: detail } = result
  return { status: code === 'NOT_FOUND' ? 404 : 409, code, detail }
}
