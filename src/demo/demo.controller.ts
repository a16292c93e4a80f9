import { Controller, Delete, Get, HttpCode } from '@nestjs/common'
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { DemoDto } from './demo.dto.js'
import { DemoService } from './demo.service.js'

@ApiTags('system')
@ApiBearerAuth()
@Controller('demo')
export class DemoController {
  constructor(private readonly demo: DemoService) {}

  @Get()
  @Roles('VIEWER')
  @ApiOperation({ summary: 'Whether the platforms are simulated' })
  @ApiOkResponse({ type: DemoDto })
  get(): DemoDto {
    return { state: this.demo.state() }
  }

  @Delete()
  @HttpCode(204)
  @Roles('ADMIN')
  @ApiOperation({
    summary: 'Close the events of the demo permanently, and do not start it again. Touches no other event',
  })
  @ApiNoContentResponse()
  remove(@CurrentUser() user: AuthenticatedUser): Promise<void> {
    return this.demo.remove(user)
  }
}
