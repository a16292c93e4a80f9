import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import { ApiAcceptedResponse, ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf, PageQuery } from '../infrastructure/http/requests/pagination.js'
import { DriftItemDto, RunDto, RunWithItemsDto, StartedRunDto, StartRunBody } from './reconciliation.dto.js'
import { ReconciliationService } from './reconciliation.service.js'

@ApiTags('reconciliation')
@ApiBearerAuth()
@Controller()
export class ReconciliationController {
  constructor(private readonly reconciliation: ReconciliationService) {}

  @Get('reconciliation/runs')
  @Roles('VIEWER')
  @ApiOkResponse({ type: PageOf(RunDto) })
  list(@Query() query: PageQuery) {
    return this.reconciliation.list(query)
  }

  @Post('reconciliation/runs')
  @HttpCode(202)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Compare ledger and platforms now; 409 while a run is in progress' })
  @ApiBody({ type: StartRunBody, required: false })
  @ApiAcceptedResponse({ type: StartedRunDto })
  start(@CurrentUser() user: AuthenticatedUser, @Body() body: StartRunBody) {
    return this.reconciliation.start({ ...body, trigger: 'OPERATOR', requestedBy: user.email })
  }

  @Get('reconciliation/runs/:id')
  @Roles('VIEWER')
  @ApiOkResponse({ type: RunWithItemsDto })
  get(@Param('id') id: string) {
    return this.reconciliation.get(id)
  }

  @Get('events/:id/drift')
  @Roles('VIEWER')
  @ApiOperation({ summary: 'Drift that reconciliation found for an event, newest first' })
  @ApiOkResponse({ type: PageOf(DriftItemDto) })
  drift(@Param('id') id: string, @Query() query: PageQuery) {
    return this.reconciliation.drift(id, query)
  }
}
