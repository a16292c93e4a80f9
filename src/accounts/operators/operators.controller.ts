import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common'
import { ApiConflictResponse, ApiCreatedResponse, ApiNotFoundResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import { PageOf, PageQuery, type Page } from '../../infrastructure/http/requests/pagination.js'
import type { AuthenticatedUser } from '../authenticated-user.js'
import { NewOperatorBody, OperatorChangesBody, OperatorDto, toOperator } from '../accounts.dto.js'
import { CurrentUser } from '../current-user.js'
import { OperatorsService } from './operators.service.js'

@ApiTags('accounts')
@Roles('ADMIN')
@Controller('operators')
export class OperatorsController {
  constructor(private readonly operators: OperatorsService) {}

  @Get()
  @ApiOkResponse({ type: PageOf(OperatorDto) })
  async list(@Query() query: PageQuery): Promise<Page<OperatorDto>> {
    const { items, nextCursor } = await this.operators.list(query)
    return { items: items.map(toOperator), nextCursor }
  }

  @Post()
  @ApiCreatedResponse({
    type: OperatorDto,
    description: 'A customer who has the address becomes the operator: their password and sessions end',
  })
  @ApiConflictResponse({ description: 'Another operator has the e-mail address' })
  async create(@CurrentUser() user: AuthenticatedUser, @Body() body: NewOperatorBody): Promise<OperatorDto> {
    return toOperator(await this.operators.create(user.id, body))
  }

  @Patch(':id')
  @ApiOkResponse({
    type: OperatorDto,
    description:
      'A customer who has the new address loses it: their account and sessions end, their tickets stay valid',
  })
  @ApiNotFoundResponse({ description: 'No such operator' })
  @ApiConflictResponse({ description: 'The last active admin, or another operator has the e-mail address' })
  async change(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Body() body: OperatorChangesBody,
  ): Promise<OperatorDto> {
    return toOperator(await this.operators.change(user.id, id, body))
  }
}
