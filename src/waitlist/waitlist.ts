import { Injectable } from '@nestjs/common'
import { eventNotFound, NotFound, StateConflict, ValidationFailed } from '../domain/errors.js'
import type { Hold, WaitlistEntry } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/time/clock.js'
import { readNumberCursor, toPage, type Page } from '../infrastructure/http/requests/pagination.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { HoldResolution } from '../holds/hold-resolution.js'
import { EntryTokens } from './entry-tokens.js'
import { EntryDto, type JoinedDto, type JoinWaitlistBody, type WaitlistQuery } from './waitlist.dto.js'

const TRANSACTION = { maxWait: 5_000, timeout: 10_000 }

/** The waitlist of an event. Joining, reading and leaving need only PostgreSQL, and work in fail-safe mode. */
@Injectable()
export class Waitlist {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly tokens: EntryTokens,
    private readonly holds: HoldResolution,
  ) {}

  /**
   * Creates an entry even if the address has one: that one may belong to another person, so its token and position are
   * not disclosed. Throws NotFound; StateConflict when the event is closed.
   */
  async join(eventId: string, { name, email, quantity }: JoinWaitlistBody): Promise<JoinedDto> {
    const entry = { id: newId('wle'), eventId, name, email, quantity, createdAt: this.clock.now() }
    const position = await this.prisma.$transaction(async (tx) => {
      // Serialized, so that no two callers get the same position.
      const [event] = await tx.$queryRaw<{ closed: boolean; most: number | null }[]>`
        SELECT closed_since IS NOT NULL AS closed, max_held_per_customer AS most
        FROM events WHERE id = ${eventId} FOR NO KEY UPDATE`
      if (!event) throw eventNotFound()
      if (event.closed) throw new StateConflict('The event is closed permanently.')
      const { most: maxHeld } = event
      if (maxHeld !== null && quantity > maxHeld) {
        throw ValidationFailed.of('quantity', `must not be more than ${maxHeld}`)
      }
      const { seq } = await tx.waitlistEntry.create({ data: entry, select: { seq: true } })
      return positionIn(tx, eventId, seq)
    }, TRANSACTION)
    return { id: entry.id, position, leaveToken: this.tokens.forEntry(entry.id) }
  }

  /** In queue order. */
  async list(eventId: string, query: WaitlistQuery): Promise<Page<EntryDto>> {
    const event = await this.prisma.event.findUnique({ where: { id: eventId }, select: { id: true } })
    if (!event) throw eventNotFound()
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
    const firstQueued = rows.find(isQueued)
    let position = firstQueued ? await this.positionOf(eventId, firstQueued.seq) : 0
    const numbered = rows.map((entry) => ({ id: entry.seq, entry, position: isQueued(entry) ? position++ : null }))
    // With a state filter there can be other queued entries between the listed ones.
    if (query.state) for (const row of numbered) row.position &&= await this.positionOf(eventId, row.entry.seq)
    return toPage(numbered, query.limit, (row) => entryDto(row.entry, row.position))
  }

  /** Throws NotFound, also for an invalid token; StateConflict when the tickets are bought or being paid. */
  async leave(id: string, token: string): Promise<void> {
    const entry = await this.prisma.waitlistEntry.findUnique({ where: { id } })
    if (!entry || !this.tokens.matchesEntry(token, id)) throw new NotFound('There is no such entry.')
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
    const request = { holdId: hold.id, action: 'release', buyer: null, by: null } as const
    const { state } = hold.state === 'HELD' ? await this.holds.resolve(hold.eventId, request) : hold
    if (state === 'CONFIRMED') throw new StateConflict('The tickets have already been bought.')
    if (state === 'PAYMENT_PENDING') throw new StateConflict('The tickets are being paid.')
  }
}

function positionIn(tx: Pick<PrismaService, 'waitlistEntry'>, eventId: string, seq: bigint): Promise<number> {
  return tx.waitlistEntry.count({ where: { eventId, seq: { lte: seq }, state: { in: ['WAITING', 'OFFERED'] } } })
}

export function isQueued({ state }: Pick<WaitlistEntry, 'state'>): boolean {
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
