import { Readable } from 'node:stream'
import { Controller, Get, Header, Param, Query, StreamableFile } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { CurrentUser } from '../../accounts/current-user.js'
import { Roles } from '../../infrastructure/http/access.js'
import { PageOf, type Page } from '../../infrastructure/http/requests/pagination.js'
import { Duplicates } from '../duplicates/duplicates.js'
import { DuplicatesDto } from '../duplicates/duplicates.dto.js'
import { AttendeeList } from './attendee-list.js'
import { AttendeeDto, AttendeesQuery, DoorPageQuery } from './attendees.dto.js'

@ApiTags('door')
@ApiBearerAuth()
@Roles('DOOR')
@Controller('events/:id')
export class AttendeesController {
  constructor(
    private readonly attendees: AttendeeList,
    private readonly duplicates: Duplicates,
  ) {}

  @Get('attendees')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Everybody who has a valid ticket, over all channels, by name' })
  @ApiOkResponse({ type: PageOf(AttendeeDto) })
  list(
    @Param('id') id: string,
    @Query() query: AttendeesQuery,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<Page<AttendeeDto>> {
    return this.attendees.page(id, query, user)
  }

  @Get('attendees.csv')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The same list as CSV, for building security; e-mail addresses for OPERATOR and above' })
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  async csv(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<StreamableFile> {
    return new StreamableFile(Readable.from(await this.attendees.csv(id, user)), {
      type: 'text/csv; charset=utf-8',
      disposition: `attachment; filename="attendees-${id.replaceAll(/\W/g, '')}.csv"`,
    })
  }

  @Get('duplicates')
  @Roles('OPERATOR')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'People who seem to hold seats on more than one channel' })
  @ApiOkResponse({ type: DuplicatesDto })
  listDuplicates(@Param('id') id: string, @Query() query: DoorPageQuery): Promise<DuplicatesDto> {
    return this.duplicates.list(id, query)
  }
}
