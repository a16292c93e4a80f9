import { Controller, Get, Header, Param } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import { AttendanceDto, DoorDto } from './attendance.dto.js'
import { Attendance } from './attendance.js'
import { ShowRates } from './show-rates.js'

@ApiTags('door')
@ApiBearerAuth()
@Roles('DOOR')
@Controller('events/:id')
export class AttendanceController {
  constructor(
    private readonly attendance: Attendance,
    private readonly rates: ShowRates,
  ) {}

  @Get('door')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'How many are in, over all channels; at most a second old' })
  @ApiOkResponse({ type: DoorDto })
  door(@Param('id') id: string): Promise<DoorDto> {
    return this.attendance.of(id)
  }

  @Get('attendance')
  @Roles('VIEWER')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Sold and attended by channel, and what came of the tickets of earlier events there' })
  @ApiOkResponse({ type: AttendanceDto })
  showRates(@Param('id') id: string): Promise<AttendanceDto> {
    return this.rates.of(id)
  }
}
