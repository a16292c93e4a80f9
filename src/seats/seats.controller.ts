import { Controller, Get, Param } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf, type Page } from '../infrastructure/http/requests/pagination.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { eventNotFound } from '../domain/errors.js'
import { SeatDto } from './seats.dto.js'

@ApiTags('direct sale')
@ApiBearerAuth()
@Controller('events/:id/seats')
export class SeatsController {
  constructor(private readonly prisma: PrismaService) {}

  @Get()
  @Roles('CUSTOMER')
  @ApiOperation({ summary: 'Lists all seats in chart order on one page; empty for an event without a seat chart' })
  @ApiOkResponse({ type: PageOf(SeatDto) })
  async list(@Param('id') eventId: string): Promise<Page<SeatDto>> {
    const event = await this.prisma.event.findUnique({ where: { id: eventId }, select: { id: true } })
    if (!event) throw eventNotFound()
    const items = await this.prisma.$queryRaw<SeatDto[]>`
      SELECT seats.seat,
        CASE WHEN claims.ticket_id IS NOT NULL THEN 'SOLD'
             WHEN claims.hold_id IS NOT NULL THEN 'HELD' ELSE 'AVAILABLE' END AS state
      FROM seats LEFT JOIN seat_claims claims USING (event_id, seat)
      WHERE seats.event_id = ${eventId} ORDER BY seats.position`
    return { items, nextCursor: null }
  }
}
