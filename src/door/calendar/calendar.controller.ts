import { Controller, Get, Param, StreamableFile } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger'
import { eventNotFound } from '../../domain/errors.js'
import { Config } from '../../infrastructure/config/config.js'
import { SignedIn } from '../../infrastructure/http/access.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { CALENDAR_TYPE, eventCalendar } from '../../infrastructure/text/event-calendar.js'

@ApiTags('door')
@ApiBearerAuth()
@Controller('events/:id')
export class CalendarController {
  constructor(
    private readonly prisma: PrismaService,
    private readonly config: Config,
  ) {}

  @Get('calendar.ics')
  @SignedIn()
  @ApiOperation({ summary: 'The event as a calendar file, for everybody who is signed in' })
  @ApiProduces('text/calendar')
  @ApiOkResponse({ schema: { type: 'string' } })
  async calendar(@Param('id') id: string): Promise<StreamableFile> {
    const event = await this.prisma.event.findUnique({ where: { id } })
    if (!event) throw eventNotFound()
    return new StreamableFile(eventCalendar(event, this.config.http.publicUrl), {
      type: CALENDAR_TYPE,
      disposition: `attachment; filename="event-${id.replaceAll(/\W/g, '')}.ics"`,
    })
  }
}
