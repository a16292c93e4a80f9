import { Controller, Get, Header } from '@nestjs/common'
import { ApiExcludeController } from '@nestjs/swagger'
import { Public } from '../infrastructure/http/access.js'
import { CLAIM_PAGE, CLAIM_SCRIPT, CLAIM_STYLE } from './claim-page.js'

/** The page that the offer e-mail links to. Requires no account. */
@ApiExcludeController()
@Public()
@Controller('claim')
export class ClaimPageController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  @Header('referrer-policy', 'no-referrer')
  page(): string {
    return CLAIM_PAGE
  }

  @Get('page.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return CLAIM_SCRIPT
  }

  @Get('page.css')
  @Header('content-type', 'text/css; charset=utf-8')
  style(): string {
    return CLAIM_STYLE
  }
}
