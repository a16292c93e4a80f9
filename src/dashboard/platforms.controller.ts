import { Controller, Get } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf, type Page } from '../infrastructure/http/pagination.js'
import { PlatformStateDto, PlatformStates } from './platform-states.js'

@ApiTags('dashboard')
@ApiBearerAuth()
@Controller('platforms')
export class PlatformsController {
  constructor(private readonly states: PlatformStates) {}

  @Get()
  @Roles('VIEWER')
  @ApiOperation({ summary: 'Breaker and budget per platform' })
  @ApiOkResponse({ type: PageOf(PlatformStateDto) })
  async list(): Promise<Page<PlatformStateDto>> {
    return { items: await this.states.list(), nextCursor: null }
  }
}
