import { Controller, Get } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import { PageOf, type Page } from '../../infrastructure/http/requests/pagination.js'
import { PlatformStates } from './platform-states.js'
import { PlatformStateDto } from './platforms.dto.js'

@ApiTags('dashboard')
@ApiBearerAuth()
@Controller('platforms')
export class PlatformsController {
  constructor(private readonly states: PlatformStates) {}

  @Get()
  @Roles('VIEWER')
  @ApiOperation({ summary: 'Circuit breaker and rate limit budget per platform' })
  @ApiOkResponse({ type: PageOf(PlatformStateDto) })
  async list(): Promise<Page<PlatformStateDto>> {
    return { items: await this.states.list(), nextCursor: null }
  }
}
