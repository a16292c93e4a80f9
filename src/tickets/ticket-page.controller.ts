import { Controller, Get, Header } from '@nestjs/common'
import { ApiExcludeController } from '@nestjs/swagger'
import { Public } from '../infrastructure/http/access.js'
import { QR_SCRIPT, TICKET_PAGE, TICKET_SCRIPT, TICKET_STYLE } from './ticket-page.js'

const SCRIPT_TYPE = 'text/javascript; charset=utf-8'

/** The page that the ticket e-mail links to. Requires no account. */
@ApiExcludeController()
@Public()
@Controller('ticket')
export class TicketPageController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  @Header('referrer-policy', 'no-referrer')
  page(): string {
    return TICKET_PAGE
  }

  @Get('page.js')
  @Header('content-type', SCRIPT_TYPE)
  script(): string {
    return TICKET_SCRIPT
  }

  @Get('qr.js')
  @Header('content-type', SCRIPT_TYPE)
  qrScript(): string {
    return QR_SCRIPT
  }

  @Get('page.css')
  @Header('content-type', 'text/css; charset=utf-8')
  style(): string {
    return TICKET_STYLE
  }
}
