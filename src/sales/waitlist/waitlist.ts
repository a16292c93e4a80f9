import { Injectable } from '@nestjs/common'
import { NotFound, StateConflict, ValidationFailed } from '../../domain/errors.js'
import type { Hold, WaitlistEntry } from '../../generated/prisma/client.js'
import { Clock } from '../../infrastructure/clock.js'
import { readNumberCursor, toPage, type Page } from '../../infrastructure/http/pagination.js'
import { newId } from '../../infrastructure/ids.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { HoldResolution } from '../hold-resolution.js'
import { EntryTokens } from './entry-tokens.js'
import { EntryDto, type JoinedDto, type JoinWaitlistBody, type WaitlistQuery } from './waitlist-bodies.js'

const TRANSACTION = { maxWait: 5_000, timeout: 10_000 }

/** The line of those who wait. Joining, looking and leaving need PostgreSQL alone, also while nothing is sold. */
@Injectable()
export class Waitlist {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly tokens: EntryTokens,
    private readonly holds: HoldResolution,
  ) {}

  /**
   * Makes an entry, also where the address has one: that one may be somebody else's, and its token and place are none of
   * the caller's business. Throws NotFound; StateConflict when the event is closed.
   */
  async join(eventId: string, { name, email, quantity }: JoinWaitlistBody): Promise<JoinedDto> {
    const entry = { id: newId('wle'), eventId, name, email, quantity, createdAt: this.clock.now() }
    const position = await this.prisma.$transaction(async (tx) => {
      // One after the other: no two are told the same position.
      const [event] = await tx.$queryRaw<{ closed: boolean; most: number | null }[]>`
        SELECT closed_since IS NOT NULL AS closed, max_held_per_customer AS most
        FROM events WHERE id = ${eventId} FOR NO KEY UPDATE`
      if (!event) throw new NotFound('There is no such event.')
      if (event.closed) throw new StateConflict('The event is closed for good.')
      const { most } = event
      if (most !== null && quantity > most) throw ValidationFailed.of('quantity', `must not be more than ${most}`)
      const { seq } = await tx.waitlistEntry.create({ data: entry, select: { seq: true } })
      return positionIn(tx, eventId, seq)
    }, TRANSACTION)
    return { id: entry.id, position, leaveToken: this.tokens.forEntry(entry.id) }
  }

  /** In the order of the line. */
  async list(eventId: string, query: WaitlistQuery): Promise<Page<EntryDto>> {
    const event = await this.prisma.event.findUnique({ where: { id: eventId }, select: { id: true } })
    if (!event) throw new NotFound('There is no such event.')
    const after = readNumberCursor(query.cursor)
    const rows = await this.prisma.waitlistEntry.findMany({
      where: {
        eventId,
        ...(after === undefined ? {} : { seq: { gt: after } }),
        ...(query.state ? { state: query.state } : {}),
      },
      orderBy: { seq: 'asc' },
      take: query.limit + 1,
      include: { hold: { select: { expiresAt: true } } },
    })
    const inLine = rows.find(isInLine)
    let position = inLine ? await this.positionOf(eventId, inLine.seq) : 0
    const numbered = rows.map((entry) => ({ id: entry.seq, entry, position: isInLine(entry) ? position++ : null }))
    // Others may stand between those that are shown.
    if (query.state) for (const row of numbered) row.position &&= await this.positionOf(eventId, row.entry.seq)
    return toPage(numbered, query.limit, (row) => entryDto(row.entry, row.position))
  }

  /** Throws NotFound for a wrong token too; StateConflict when the tickets are bought or being paid. */
  async leave(id: string, token: string): Promise<void> {
    const entry = await this.prisma.waitlistEntry.findUnique({ where: { id } })
    if (!entry || !this.tokens.isOfEntry(token, id)) throw new NotFound('There is no such entry.')
    const left = { state: 'LEFT', settledAt: this.clock.now() } as const
    const { count } = await this.prisma.waitlistEntry.updateMany({ where: { id, state: 'WAITING' }, data: left })
    if (count === 1) return
    const now = await this.prisma.waitlistEntry.findUniqueOrThrow({ where: { id }, include: { hold: true } })
    if (now.hold) await this.decline(now.hold)
    await this.prisma.waitlistEntry.updateMany({ where: { id, state: 'LAPSED' }, data: left })
  }

  positionOf(eventId: string, seq: bigint): Promise<number> {
    return positionIn(this.prisma, eventId, seq)
  }

  private async decline(hold: Hold): Promise<void> {
    const wish = { holdId: hold.id, action: 'release', buyer: null, by: null } as const
    const { state } = hold.state === 'HELD' ? await this.holds.settle(hold.eventId, wish) : hold
    if (state === 'CONFIRMED') throw new StateConflict('The tickets are bought already.')
    if (state === 'PAYMENT_PENDING') throw new StateConflict('The tickets are being paid.')
  }
}

function positionIn(tx: Pick<PrismaService, 'waitlistEntry'>, eventId: string, seq: bigint): Promise<number> {
  return tx.waitlistEntry.count({ where: { eventId, seq: { lte: seq }, state: { in: ['WAITING', 'OFFERED'] } } })
}

export function isInLine({ state }: Pick<WaitlistEntry, 'state'>): boolean {
  return state === 'WAITING' || state === 'OFFERED'
}

function entryDto(
  { id, state, name, email, quantity, holdId, createdAt, offeredAt, hold }: WaitlistEntry & Offered,
  position: number | null,
): EntryDto {
  return {
    id,
    state,
    position,
    name,
    email,
    quantity,
    holdId,
    createdAt: createdAt.toISOString(),
    offeredAt: offeredAt?.toISOString() ?? null,
    expiresAt: state === 'OFFERED' ? (hold?.expiresAt.toISOString() ?? null) : null,
  }
}

interface Offered {
  hold: { expiresAt: Date } | null
}
