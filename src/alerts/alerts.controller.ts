import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf } from '../infrastructure/http/requests/pagination.js'
import { AlertDto, AlertsQuery } from './alerts.dto.js'
import { StaffAlerts } from './staff-alerts.js'

@ApiTags('alerts')
@ApiBearerAuth()
@Controller('alerts')
export class AlertsController {
  constructor(private readonly alerts: StaffAlerts) {}

  @Get()
  @Roles('VIEWER')
  @ApiOperation({ summary: 'Alerts, newest first; an alert is resolved when its problem is over' })
  @ApiOkResponse({ type: PageOf(AlertDto) })
  list(@Query() query: AlertsQuery) {
    return this.alerts.list(query)
  }

  @Post(':id/acknowledge')
  @HttpCode(200)
  @Roles('OPERATOR')
  @ApiOkResponse({ type: AlertDto })
  acknowledge(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser) {
    return this.alerts.acknowledge(id, user)
  }
}
