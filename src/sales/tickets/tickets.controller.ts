import { Controller, Get, Header, Param, Query, StreamableFile } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiProperty, ApiTags } from '@nestjs/swagger'
import { IsString, Length } from 'class-validator'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { CurrentUser } from '../../accounts/current-user.js'
import { Public, Roles } from '../../infrastructure/http/access.js'
import { LimitByAddress } from '../../infrastructure/http/address-limit.js'
import { TicketPictures } from './ticket-pictures.js'

const SVG = 'image/svg+xml'
const PNG = 'image/png'

class TicketCodeQuery {
  @ApiProperty({ description: 'Of the ticket' })
  @IsString()
  @Length(1, 200)
  code!: string
}

@ApiTags('tickets')
@Controller('tickets')
export class TicketsController {
  constructor(private readonly pictures: TicketPictures) {}

  @Public()
  @LimitByAddress(120)
  @Get('by-code/qr.svg')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'For who has the code, as in the mail with the tickets' })
  @ApiProduces(SVG)
  @ApiOkResponse({ schema: { type: 'string' } })
  async svgByCode(@Query() { code }: TicketCodeQuery): Promise<StreamableFile> {
    return this.svgOf(await this.pictures.check(code))
  }

  @Public()
  @LimitByAddress(120)
  @Get('by-code/qr.png')
  @Header('cache-control', 'no-store')
  @ApiProduces(PNG)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async pngByCode(@Query() { code }: TicketCodeQuery): Promise<StreamableFile> {
    return this.pngOf(await this.pictures.check(code))
  }

  @Get(':id/qr.svg')
  @Roles('CUSTOMER')
  @ApiBearerAuth()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'The code of a direct ticket as a picture; for who bought it, and staff' })
  @ApiProduces(SVG)
  @ApiOkResponse({ schema: { type: 'string' } })
  async svg(@Param('id') id: string, @CurrentUser() account: AuthenticatedUser): Promise<StreamableFile> {
    return this.svgOf(await this.pictures.codeOf(id, account))
  }

  @Get(':id/qr.png')
  @Roles('CUSTOMER')
  @ApiBearerAuth()
  @Header('cache-control', 'no-store')
  @ApiProduces(PNG)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async png(@Param('id') id: string, @CurrentUser() account: AuthenticatedUser): Promise<StreamableFile> {
    return this.pngOf(await this.pictures.codeOf(id, account))
  }

  private async svgOf(code: string): Promise<StreamableFile> {
    return new StreamableFile(Buffer.from(await this.pictures.svg(code)), { type: SVG })
  }

  private async pngOf(code: string): Promise<StreamableFile> {
    return new StreamableFile(await this.pictures.png(code), { type: PNG })
  }
}
