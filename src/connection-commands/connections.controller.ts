import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common'
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { ConnectionCommands } from './connection-commands.js'
import { ConnectionList } from './connection-list.js'
import { ConnectionListings } from './connection-listings.js'
import {
  ConnectionDto,
  ConnectionsDto,
  ListingsDto,
  listingsDto,
  ListingsQuery,
  NewConnectionBody,
  PatchConnectionBody,
} from './connections.dto.js'

@ApiTags('connections')
@ApiBearerAuth()
@Controller('connections')
export class ConnectionsController {
  constructor(
    private readonly commands: ConnectionCommands,
    private readonly connections: ConnectionList,
    private readonly listings: ConnectionListings,
  ) {}

  @Get()
  @Roles('VIEWER')
  @ApiOperation({ summary: 'The accounts on platforms; those of the environment first' })
  @ApiOkResponse({ type: ConnectionsDto })
  async list(): Promise<ConnectionsDto> {
    return { items: await this.connections.all() }
  }

  @Post()
  @Roles('ADMIN')
  @ApiOperation({ summary: 'Adds an account; its credentials are tried on the platform first' })
  @ApiCreatedResponse({ type: ConnectionDto, description: 'UNREACHABLE: the platform does not respond' })
  @ApiBadRequestResponse({ description: 'The platform refuses the credentials' })
  async add(@Body() body: NewConnectionBody, @CurrentUser() user: AuthenticatedUser): Promise<ConnectionDto> {
    return this.connections.one(await this.commands.add(user.id, body))
  }

  @Patch(':id')
  @Roles('ADMIN')
  @ApiOperation({ summary: 'Renames an account, or replaces its credentials' })
  @ApiOkResponse({ type: ConnectionDto })
  @ApiNotFoundResponse({ description: 'No such connection' })
  @ApiConflictResponse({ description: 'It is that of the environment' })
  async change(
    @Param('id') id: string,
    @Body() body: PatchConnectionBody,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<ConnectionDto> {
    await this.commands.change(user.id, id, body)
    return this.connections.one(id)
  }

  @Delete(':id')
  @Roles('ADMIN')
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes an account and erases its credentials' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ description: 'No such connection' })
  @ApiConflictResponse({ description: 'A live channel uses it, or it is that of the environment' })
  async remove(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<void> {
    await this.commands.remove(user.id, id)
  }

  @Post(':id/check')
  @Roles('ADMIN')
  @HttpCode(200)
  @ApiOperation({ summary: 'Checks whether the platform accepts the credentials' })
  @ApiOkResponse({ type: ConnectionDto })
  @ApiNotFoundResponse({ description: 'No such connection' })
  @ApiConflictResponse({ description: 'It is that of the environment, which is checked by itself' })
  async check(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<ConnectionDto> {
    await this.commands.check(user.id, id)
    return this.connections.one(id)
  }

  @Get(':id/listings')
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'What the account has ahead of it on its platform, the next first' })
  @ApiOkResponse({ type: ListingsDto })
  @ApiNotFoundResponse({ description: 'No such connection' })
  @ApiConflictResponse({ description: 'The platform refuses the account' })
  async upcoming(@Param('id') id: string, @Query() { q, cursor, limit }: ListingsQuery): Promise<ListingsDto> {
    return listingsDto(await this.listings.list(id, { q: q ?? null, cursor: cursor ?? null, limit }))
  }
}
