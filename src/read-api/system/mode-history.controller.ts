import { Controller, Get, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import {
  PageOf,
  PageQuery,
  readNumberCursor,
  toPage,
  type Page,
} from '../../infrastructure/http/requests/pagination.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { ModeTransitionDto } from './mode-history.dto.js'

@ApiTags('dashboard')
@ApiBearerAuth()
@Controller('system/transitions')
export class ModeHistoryController {
  constructor(private readonly prisma: PrismaService) {}

  @Get()
  @Roles('VIEWER')
  @ApiOperation({ summary: 'Changes of the system mode, newest first' })
  @ApiOkResponse({ type: PageOf(ModeTransitionDto) })
  async list(@Query() query: PageQuery): Promise<Page<ModeTransitionDto>> {
    const after = readNumberCursor(query.cursor)
    const rows = await this.prisma.modeTransition.findMany({
      where: after === undefined ? {} : { id: { lt: after } },
      orderBy: { id: 'desc' },
      take: query.limit + 1,
    })
    return toPage(rows, query.limit, ({ id, at, ...row }) => ({ ...row, id: String(id), at: at.toISOString() }))
  }
}
