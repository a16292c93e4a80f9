import { Controller, Get, Header, Param, Query, StreamableFile } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Public, Roles } from '../infrastructure/http/access.js'
import { LimitByAddress } from '../infrastructure/http/address-limit.js'
import { PageOf, PageQuery, readCursor, toPage, type Page } from '../infrastructure/http/requests/pagination.js'
import { ApiSecretHeader, SecretHeader } from '../infrastructure/http/requests/secret-header.js'
import { owns, provedAddress } from './ticket-ownership.js'
import { TicketStore } from './ticket-store.js'
import { BoughtTicketDto, boughtTicketDto } from './tickets.dto.js'
import { TicketQrCodes } from './ticket-qr-codes.js'

const SVG = 'image/svg+xml'
const PNG = 'image/png'
const CODE = 'X-Ticket-Code'

@ApiTags('tickets')
@Controller('tickets')
export class TicketsController {
  constructor(
    private readonly qrCodes: TicketQrCodes,
    private readonly tickets: TicketStore,
  ) {}

  @Get()
  @Roles('CUSTOMER')
  @ApiBearerAuth()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Tickets that the caller has bought directly, or that others gave to them, newest first' })
  @ApiOkResponse({ type: PageOf(BoughtTicketDto) })
  async list(
    @Query() { cursor, limit }: PageQuery,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<Page<BoughtTicketDto>> {
    const account = { id: user.id, email: provedAddress(user) }
    const tickets = await this.tickets.ofAccount(account, readCursor(cursor), limit + 1)
    return toPage(tickets, limit, (ticket) => boughtTicketDto(ticket, owns(user, ticket)))
  }

  @Public()
  @LimitByAddress(120)
  @Get('by-code/qr.svg')
  @Header('cache-control', 'no-store')
  @ApiSecretHeader(CODE, 'The code of the ticket')
  @ApiOperation({ summary: 'Returns the QR code for a ticket code, for the page that the ticket e-mail links to' })
  @ApiProduces(SVG)
  @ApiOkResponse({ schema: { type: 'string' } })
  async svgByCode(@SecretHeader(CODE) code: string): Promise<StreamableFile> {
    return this.svgOf(await this.qrCodes.validate(code))
  }

  @Public()
  @LimitByAddress(120)
  @Get('by-code/qr.png')
  @Header('cache-control', 'no-store')
  @ApiSecretHeader(CODE, 'The code of the ticket')
  @ApiProduces(PNG)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async pngByCode(@SecretHeader(CODE) code: string): Promise<StreamableFile> {
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
