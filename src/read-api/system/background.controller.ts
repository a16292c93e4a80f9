import { Controller, Get } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { BackgroundTasks } from '../../infrastructure/background/background-tasks.js'
import { Roles } from '../../infrastructure/http/access.js'
import { PageOf, type Page } from '../../infrastructure/http/requests/pagination.js'
import { BackgroundTaskDto, backgroundTaskDto } from './background.dto.js'

@ApiTags('system')
@ApiBearerAuth()
@Controller('system/background')
export class BackgroundController {
  constructor(private readonly tasks: BackgroundTasks) {}

  @Get()
  @Roles('VIEWER')
  @ApiOperation({ summary: 'Background work of the process that responds' })
  @ApiOkResponse({ type: PageOf(BackgroundTaskDto) })
  list(): Page<BackgroundTaskDto> {
    return { items: this.tasks.status().map(backgroundTaskDto), nextCursor: null }
  }
}
