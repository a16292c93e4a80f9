import { Controller, Delete, Get, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiConflictResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import type { AuthenticatedUser } from '../authenticated-user.js'
import { CurrentUser } from '../current-user.js'
import { ErasureReceiptDto, PersonDto, PersonQuery } from './people.dto.js'
import { PeopleService } from './people.service.js'

@ApiTags('people')
@ApiBearerAuth()
@Roles('ADMIN')
@Controller('people')
export class PeopleController {
  constructor(private readonly people: PeopleService) {}

  @Get()
  @ApiOperation({ summary: 'Returns everything that is stored about a person' })
  @ApiOkResponse({ type: PersonDto })
  export(@Query() { email }: PersonQuery): Promise<PersonDto> {
    return this.people.export(email)
  }

  @Delete()
  @ApiOperation({ summary: 'Erases the personal data of a person, and returns a receipt' })
  @ApiOkResponse({ type: ErasureReceiptDto })
  @ApiConflictResponse({ description: 'A staff account, or a payment, an offer or a hold is open' })
  erase(@Query() { email }: PersonQuery, @CurrentUser() user: AuthenticatedUser): Promise<ErasureReceiptDto> {
    return this.people.erase(email, user.id)
  }
}
