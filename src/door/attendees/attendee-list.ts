import { Injectable } from '@nestjs/common'
import { includesRole, type AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { wordsOf } from '../../domain/people/name-key.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { requireEvent } from '../../infrastructure/prisma/require-event.js'
import type { Page } from '../../infrastructure/http/requests/pagination.js'
import { csvOf } from '../../infrastructure/text/csv.js'
import { Duplicates } from '../duplicates/duplicates.js'
import { readListCursor, writeListCursor } from '../list-cursor.js'
import type { AttendeeDto, AttendeesQuery } from './attendees.dto.js'
import { Attendees, type Attendee, type AttendeePosition } from './attendees.js'

type Viewer = Pick<AuthenticatedUser, 'role'>

const BATCH = 1_000
const COLUMNS = ['name', 'email', 'platform', 'ticketType', 'tickets', 'checkedIn', 'checkedInAt', 'id'] as const

/** The attendees of an event as a role sees them. */
@Injectable()
export class AttendeeList {
  constructor(
    private readonly prisma: PrismaService,
    private readonly attendees: Attendees,
    private readonly duplicates: Duplicates,
  ) {}

  /** By name; those without one last. Throws NotFound. */
  async page(eventId: string, query: AttendeesQuery, viewer: Viewer): Promise<Page<AttendeeDto>> {
    await requireEvent(this.prisma, eventId)
    const { q = '', platform, limit } = query
    const checkedIn = query.checkedIn === undefined ? undefined : query.checkedIn === 'true'
    const after = positionOf(query.cursor)
    const words = wordsOf(q)
    // Nothing that a name could have.
    if (words.length === 0 && q.trim() !== '') return { items: [], nextCursor: null }
    const found = await this.attendees.page(eventId, { words, platform, checkedIn }, limit + 1, after)
    const shown = found.slice(0, limit)
    const last = shown.at(-1)
    const duplicates = await this.duplicates.among(eventId, shown)
    return {
      items: shown.map(({ id, tickets, name, email, platform: soldBy, channelId }) => ({
        id,
        name,
        email: seesEmail(viewer) ? email : null,
        platform: soldBy,
        channelId,
        ticketType: typesOf(tickets),
        tickets,
        duplicateOf: duplicates.get(id)?.of ?? null,
        duplicateCertainty: duplicates.get(id)?.certainty ?? null,
      })),
      nextCursor: found.length > limit && last ? writeListCursor([last.key, last.orderId]) : null,
    }
  }

  /** All of them, one line each, without a size limit. Throws NotFound before the first line. */
  async csv(eventId: string, viewer: Viewer): Promise<AsyncGenerator<string>> {
    await requireEvent(this.prisma, eventId)
    return csvOf(COLUMNS, this.lines(eventId, viewer))
  }

  private async *lines(eventId: string, viewer: Viewer) {
    for (let after: AttendeePosition | undefined; ;) {
      const found = await this.attendees.page(eventId, {}, BATCH, after)
      yield found.map(({ id, name, email, platform, tickets }) => {
        const times = tickets.flatMap(({ checkedInAt }) => checkedInAt ?? []).toSorted()
        return {
          id,
          name,
          email: seesEmail(viewer) ? email : null,
          platform,
          ticketType: typesOf(tickets),
          tickets: tickets.length,
          checkedIn: times.length,
          checkedInAt: times[0] ?? null,
        }
      })
      if (found.length < BATCH) return
      after = found.at(-1)
    }
  }
}

function seesEmail({ role }: Viewer): boolean {
  return includesRole(role, 'OPERATOR')
}

/** The types of these tickets, each once. */
export function typesOf(tickets: Attendee['tickets']): string | null {
  return [...new Set(tickets.flatMap(({ ticketType }) => ticketType ?? []))].join(', ') || null
}

function positionOf(cursor: string | undefined): AttendeePosition | undefined {
  const [key, orderId] = readListCursor(cursor, 2) ?? []
  return key === undefined || orderId === undefined ? undefined : { key, orderId }
}
