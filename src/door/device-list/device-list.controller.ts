import { Controller, Get, Header, Param, Query, UseInterceptors } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import { CompressedJson } from '../../infrastructure/http/compressed-json.js'
import { DeviceList } from './device-list.js'
import { DeviceListDto, DeviceListQuery } from './device-list.dto.js'

@ApiTags('door')
@ApiBearerAuth()
@Roles('DOOR')
@Controller('events/:id/door')
export class DeviceListController {
  constructor(private readonly list: DeviceList) {}

  @Get('list')
  @Header('cache-control', 'no-store')
  @UseInterceptors(CompressedJson)
  @ApiOperation({ summary: 'The attendees for a phone that works offline: all of them, or what changed since' })
  @ApiOkResponse({ type: DeviceListDto })
  read(@Param('id') id: string, @Query() { since }: DeviceListQuery): Promise<DeviceListDto> {
    return this.list.read(id, since)
  }
}
