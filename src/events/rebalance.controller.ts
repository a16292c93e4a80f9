import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common'
import {
  ApiBearerAuth,
  ApiBody,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger'
import { IsBoolean } from 'class-validator'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Rebalancer } from '../channels/rebalancer.js'
import { Roles } from '../infrastructure/http/access.js'
import { Optional } from '../infrastructure/http/optional.js'
import { EventQueries } from './event-queries.js'
import { rebalanceInTurn } from './rebalance-in-turn.js'

export class RebalanceBody {
  @ApiPropertyOptional({ default: false, description: 'Only say what would be moved' })
  @Optional()
  @IsBoolean()
  dryRun?: boolean
}

export class MoveDto {
  @ApiProperty() from!: string
  @ApiProperty() to!: string
  @ApiProperty() quantity!: number
  @ApiProperty() reason!: string
}

export class RebalanceDto {
  @ApiProperty({ type: [MoveDto] }) moves!: MoveDto[]
  @ApiProperty() applied!: boolean
}

@ApiTags('events')
@ApiBearerAuth()
@Controller('events/:id/rebalance')
export class RebalanceController {
  constructor(
    private readonly rebalancer: Rebalancer,
    private readonly events: EventQueries,
    private readonly audit: AuditService,
  ) {}

  @Post()
  @HttpCode(200)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Move unsold units from slow channels to fast ones now' })
  @ApiBody({ type: RebalanceBody, required: false })
  @ApiOkResponse({ type: RebalanceDto })
  async rebalance(@Param('id') id: string, @Body() body: RebalanceBody, @CurrentUser() account: AuthenticatedUser) {
    await this.events.get(id)
    const dryRun = body.dryRun ?? false
    const result = await rebalanceInTurn(this.rebalancer, id, dryRun)
    if (result.applied) await this.audit.record(account.id, 'event.rebalance', id, null, { moves: result.moves })
    return result
  }
}
