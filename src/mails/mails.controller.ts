import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf, type Page } from '../infrastructure/http/requests/pagination.js'
import { MailDto, MailsQuery } from './mails.dto.js'
import { UnsentMails } from './unsent-mails.js'

@ApiTags('system')
@ApiBearerAuth()
@Roles('ADMIN')
@Controller('system/mails')
export class MailsController {
  constructor(private readonly mails: UnsentMails) {}

  @Get()
  @ApiOperation({ summary: 'Mails that were not sent, newest first' })
  @ApiOkResponse({ type: PageOf(MailDto) })
  list(@Query() query: MailsQuery): Promise<Page<MailDto>> {
    return this.mails.list(query)
  }

  @Post(':id/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Compose a failed mail again, from what it is about, and send it' })
  @ApiAcceptedResponse({ type: MailDto })
  @ApiConflictResponse({
    description:
      'STATE_CONFLICT: it has not failed; NOT_COMPOSABLE: its recipient is erased, or what it is about has changed',
  })
  retry(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<MailDto> {
    return this.mails.retry(id, user.id)
  }
}
