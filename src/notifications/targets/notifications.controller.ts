import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common'
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { CurrentUser } from '../../accounts/current-user.js'
import { Roles } from '../../infrastructure/http/access.js'
import { PageOf, PageQuery, type Page } from '../../infrastructure/http/requests/pagination.js'
import { TargetCommands } from './target-commands.js'
import { CreatedNotificationDto, NewNotificationBody, NotificationDto, PatchNotificationBody } from './targets.dto.js'

@ApiTags('notifications')
@ApiBearerAuth()
@Roles('ADMIN')
@Controller('notifications')
export class NotificationsController {
  constructor(private readonly targets: TargetCommands) {}

  @Get()
  @ApiOperation({ summary: 'Where notifications are sent, newest first' })
  @ApiOkResponse({ type: PageOf(NotificationDto) })
  list(@Query() query: PageQuery): Promise<Page<NotificationDto>> {
    return this.targets.list(query)
  }

  @Post()
  @ApiOperation({ summary: 'Adds a target; the response has the secret that signs the webhooks of one' })
  @ApiCreatedResponse({ type: CreatedNotificationDto })
  @ApiBadRequestResponse({ description: 'Also for a private or loopback address, unless ALLOW_PRIVATE_TARGETS is on' })
  @ApiConflictResponse({ description: 'There are as many targets as possible' })
  add(@Body() body: NewNotificationBody, @CurrentUser() user: AuthenticatedUser): Promise<CreatedNotificationDto> {
    return this.targets.add(user.id, body)
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes a target; a webhook keeps its secret' })
  @ApiOkResponse({ type: NotificationDto })
  @ApiBadRequestResponse({ description: 'Also for a private or loopback address, unless ALLOW_PRIVATE_TARGETS is on' })
  @ApiNotFoundResponse({ description: 'No such target' })
  @ApiConflictResponse({ description: 'Another address of a webhook whose secret cannot be decrypted' })
  change(
    @Param('id') id: string,
    @Body() body: PatchNotificationBody,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<NotificationDto> {
    return this.targets.change(user.id, id, body)
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes a target, with what was not sent to it' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ description: 'No such target' })
  async remove(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<void> {
    await this.targets.remove(user.id, id)
  }

  @Post(':id/test')
  @HttpCode(202)
  @ApiOperation({ summary: 'Sends a test message now; `state` and `lastError` of the target show the outcome' })
  @ApiAcceptedResponse({ type: NotificationDto })
  @ApiNotFoundResponse({ description: 'No such target' })
  test(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<NotificationDto> {
    return this.targets.test(user.id, id)
  }
}
