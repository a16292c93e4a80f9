import { Controller, Get, Header, Param, Query, StreamableFile } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Public, Roles } from '../infrastructure/http/access.js'
import { LimitByAddress } from '../infrastructure/http/address-limit.js'
import { TicketQrCodes } from './ticket-qr-codes.js'
import { TicketCodeQuery } from './tickets.dto.js'

const SVG = 'image/svg+xml'
const PNG = 'image/png'

@ApiTags('tickets')
@Controller('tickets')
export class TicketsController {
  constructor(private readonly qrCodes: TicketQrCodes) {}

  @Public()
  @LimitByAddress(120)
  @Get('by-code/qr.svg')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Returns the QR code for a ticket code, as linked in the ticket e-mail' })
  @ApiProduces(SVG)
  @ApiOkResponse({ schema: { type: 'string' } })
  async svgByCode(@Query() { code }: TicketCodeQuery): Promise<StreamableFile> {
    return this.svgOf(await this.qrCodes.validate(code))
  }

  @Public()
  @LimitByAddress(120)
  @Get('by-code/qr.png')
  @Header('cache-control', 'no-store')
  @ApiProduces(PNG)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async pngByCode(@Query() { code }: TicketCodeQuery): Promise<StreamableFile> {
    return this.pngOf(await this.qrCodes.validate(code))
  }

  @Get(':id/qr.svg')
  @Roles('CUSTOMER')
  @ApiBearerAuth()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Returns the QR code of a direct ticket; for its buyer and staff' })
  @ApiProduces(SVG)
  @ApiOkResponse({ schema: { type: 'string' } })
  async svg(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<StreamableFile> {
    return this.svgOf(await this.qrCodes.codeFor(id, user))
  }

  @Get(':id/qr.png')
  @Roles('CUSTOMER')
  @ApiBearerAuth()
  @Header('cache-control', 'no-store')
  @ApiProduces(PNG)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async png(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<StreamableFile> {
    return this.pngOf(await this.qrCodes.codeFor(id, user))
  }

  private async svgOf(code: string): Promise<StreamableFile> {
    return new StreamableFile(Buffer.from(await this.qrCodes.svg(code)), { type: SVG })
  }

  private async pngOf(code: string): Promise<StreamableFile> {
    return new StreamableFile(await this.qrCodes.png(code), { type: PNG })
  }
}
