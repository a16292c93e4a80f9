import { Controller, Get, Header, Param } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import { DoorDto } from './attendance.dto.js'
import { Attendance } from './attendance.js'

@ApiTags('door')
@ApiBearerAuth()
@Roles('DOOR')
@Controller('events/:id')
export class AttendanceController {
  constructor(private readonly attendance: Attendance) {}

  @Get('door')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'How many are in, over all channels; at most a second old' })
  @ApiOkResponse({ type: DoorDto })
  door(@Param('id') id: string): Promise<DoorDto> {
    return this.attendance.of(id)
  }
}
