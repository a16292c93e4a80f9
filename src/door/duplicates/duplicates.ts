import { Injectable } from '@nestjs/common'
import { duplicatesOf, findDuplicates, type Certainty, type DuplicateGroup } from '../../domain/people/duplicates.js'
import { sortKey } from '../../domain/people/name-key.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { requireEvent } from '../../infrastructure/prisma/require-event.js'
import type { PageQuery } from '../../infrastructure/http/requests/pagination.js'
import { Platforms } from '../../platforms/platforms.js'
import type { Attendee } from '../attendees/attendees.js'
import { readListCursor, writeListCursor } from '../list-cursor.js'
import type { DuplicateDto, DuplicatesDto } from './duplicates.dto.js'
import { SeatHolders, type AttendeeHolder } from './seat-holders.js'

type Group = DuplicateGroup<AttendeeHolder>

/** People who seem to hold seats on more than one channel. Nothing is done about them here. */
@Injectable()
export class Duplicates {
  constructor(
    private readonly prisma: PrismaService,
    private readonly holders: SeatHolders,
    private readonly platforms: Platforms,
  ) {}

  /** Throws NotFound. */
  async list(eventId: string, { cursor, limit }: PageQuery): Promise<DuplicatesDto> {
    await requireEvent(this.prisma, eventId)
    const after = readListCursor(cursor, 3)
    const groups = findDuplicates(await this.holders.all(eventId))
    const rows = groups.map((group) => ({ group, position: positionOf(group) }))
    const sorted = rows.toSorted((a, b) => compare(a.position, b.position))
    const rest = after === null ? sorted : sorted.filter(({ position }) => compare(position, after) > 0)
    const last = rest[limit - 1]
    return {
      items: rest.slice(0, limit).map(({ group }) => this.duplicateDto(group)),
      nextCursor: rest.length > limit && last ? writeListCursor(last.position) : null,
      seats: { certain: seatsOf(groups, 'certain'), possible: seatsOf(groups, 'possible') },
    }
  }

  /** How many seats may come free, certain and possible ones together. */
  async seats(eventId: string): Promise<number> {
    return findDuplicates(await this.holders.all(eventId)).reduce((sum, { seats }) => sum + seats, 0)
  }

  /** For each of these attendees that duplicates another one, which, and how certain that is. */
  async among(
    eventId: string,
    attendees: readonly Attendee[],
  ): Promise<Map<string, { of: string; certainty: Certainty }>> {
    if (attendees.length === 0) return new Map()
    return duplicatesOf(findDuplicates(await this.holders.like(eventId, attendees)))
  }

  private duplicateDto({ certainty, by, holders, seats }: Group): DuplicateDto {
    const [first] = holders
    return {
      id: `${first?.id}-${by.toLowerCase()}`,
      certainty,
      by,
      name: first?.displayName ?? null,
      seats,
      attendees: holders.map(({ id, displayName: name, email, platform, channelId, seats: tickets, ...holder }) => ({
        id,
        name,
        email,
        platform,
        channelId,
        tickets,
        orderId: holder.orderId,
        canDecline: this.canDecline(holder),
      })),
    }
  }

  private canDecline({ connectionId }: Pick<AttendeeHolder, 'connectionId'>): boolean {
    return connectionId !== null && this.platforms.find(connectionId)?.adapter.canDecline === true
  }
}

function positionOf({ certainty, by, holders: [first] }: Group): string[] {
  return [certainty, sortKey(first?.displayName ?? null), `${first?.id}-${by}`]
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index] ?? ''
    if (part !== other) return part < other ? -1 : 1
  }
  return 0
}

function seatsOf(groups: readonly Group[], certainty: Certainty): number {
  return groups.reduce((sum, group) => sum + (group.certainty === certainty ? group.seats : 0), 0)
}
