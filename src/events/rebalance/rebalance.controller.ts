import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common'
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { AuditService } from '../../accounts/audit.service.js'
import { CurrentUser } from '../../accounts/current-user.js'
import { Rebalancer } from '../../rebalancing/rebalancer.js'
import { Roles } from '../../infrastructure/http/access.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { EventQueries } from '../event-queries.js'
import { rebalanceNow } from './rebalance-now.js'
import { RebalanceBody, RebalanceDto } from './rebalance.dto.js'

@ApiTags('events')
@ApiBearerAuth()
@Controller('events/:id/rebalance')
export class RebalanceController {
  constructor(
    private readonly rebalancer: Rebalancer,
    private readonly events: EventQueries,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  @Post()
  @HttpCode(200)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Moves unsold units from slow channels to fast ones now' })
  @ApiBody({ type: RebalanceBody, required: false })
  @ApiOkResponse({ type: RebalanceDto })
  async rebalance(@Param('id') id: string, @Body() body: RebalanceBody, @CurrentUser() user: AuthenticatedUser) {
    await this.events.get(id)
    const dryRun = body.dryRun ?? false
    const result = await rebalanceNow(this.rebalancer, id, dryRun, { clock: this.clock, timers: this.timers })
    if (result.applied) await this.audit.record(user.id, 'event.rebalance', id, null, { moves: result.moves })
    return result
  }
}
