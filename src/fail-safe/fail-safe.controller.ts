import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { FailSafeService } from './fail-safe.service.js'
import { ModeBody, ModeDto } from './mode.dto.js'

@ApiTags('system')
@ApiBearerAuth()
@Controller('system/mode')
export class FailSafeController {
  constructor(private readonly failSafe: FailSafeService) {}

  @Get()
  @Roles('VIEWER')
  @ApiOperation({ summary: 'System mode and channel counts by state' })
  @ApiOkResponse({ type: ModeDto })
  status(): Promise<ModeDto> {
    return this.failSafe.status()
  }

  @Post()
  @HttpCode(200)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Force or release fail-safe mode' })
  @ApiOkResponse({ type: ModeDto })
  change(@Body() { mode, reason }: ModeBody, @CurrentUser() { id, email }: AuthenticatedUser): Promise<ModeDto> {
    const actor = { id, name: email }
    return mode === 'FAIL_SAFE' ? this.failSafe.force(reason, actor) : this.failSafe.clear(reason, actor)
  }
}
