import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common'
import { ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import { PageOf, type Page } from '../../infrastructure/http/requests/pagination.js'
import { CustomerChangesBody, CustomerDto, CustomersQuery, toCustomer } from '../accounts.dto.js'
import type { AuthenticatedUser } from '../authenticated-user.js'
import { CurrentUser } from '../current-user.js'
import { CustomersService } from './customers.service.js'

@ApiTags('accounts')
@Controller('customers')
export class CustomersController {
  constructor(private readonly customers: CustomersService) {}

  @Get()
  @Roles('OPERATOR')
  @ApiOkResponse({ type: PageOf(CustomerDto) })
  async list(@Query() query: CustomersQuery): Promise<Page<CustomerDto>> {
    const { items, nextCursor } = await this.customers.list(query)
    return { items: items.map(toCustomer), nextCursor }
  }

  @Patch(':id')
  @Roles('ADMIN')
  @ApiOkResponse({ type: CustomerDto })
  @ApiNotFoundResponse({ description: 'No such customer' })
  async change(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Body() { active }: CustomerChangesBody,
  ): Promise<CustomerDto> {
    return toCustomer(await this.customers.setActive(user.id, id, active))
  }
}
