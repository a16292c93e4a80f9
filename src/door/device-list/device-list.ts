import { Injectable } from '@nestjs/common'
import { eventNotFound } from '../../domain/errors.js'
import { endOf, eventState } from '../../domain/events/event-state.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { typesOf } from '../attendees/attendee-list.js'
import { Attendees, type AttendeePosition } from '../attendees/attendees.js'
import { CHECKED_IN_AT, EXTERNAL_CHECK_IN } from '../check-in-sql.js'
import { countedWalkIns } from '../walk-ins/walk-in-sql.js'
import { readVersion, writeVersion } from './device-list-version.js'
import type { DeviceAttendeeDto, DeviceCheckInDto, DeviceEventDto, DeviceListDto } from './device-list.dto.js'

/** Most events are one. */
const BATCH = 10_000

interface Changes {
  /** Of the list with the check-ins recorded until the given instant; with all of them. */
  known: string
  current: string
  recordedUntil: Date | null
  checkIns: DeviceCheckInDto[]
  walkIns: number
}

/** The list as a phone at the door keeps it, to work without a connection. */
@Injectable()
export class DeviceList {
  constructor(
    private readonly prisma: PrismaService,
    private readonly attendees: Attendees,
    private readonly clock: Clock,
  ) {}

  /**
   * The check-ins since the version that the device has, if nothing else has changed since; otherwise all. The version is
   * read before the list: what happens in between is sent once more next time. Throws NotFound.
   */
  async read(eventId: string, since: string | undefined): Promise<DeviceListDto> {
    const event = await this.event(eventId)
    const has = readVersion(since)
    const { known, current, recordedUntil, checkIns, walkIns } = await this.changes(eventId, has?.recordedUntil ?? 0)
    const version = writeVersion({ recordedUntil: recordedUntil?.getTime() ?? 0, fingerprint: current })
    if (has?.fingerprint === known) return { event, version, items: null, checkIns, walkIns }
    return { event, version, items: await this.all(eventId), checkIns: [], walkIns }
  }

  private async event(id: string): Promise<DeviceEventDto> {
    const event = await this.prisma.event.findUnique({ where: { id } })
    if (!event) throw eventNotFound()
    const { name, timezone, venue, capacity } = event
    const [startsAt, endsAt] = [event.startsAt.toISOString(), endOf(event).toISOString()]
    return { id, name, startsAt, endsAt, timezone, venue, state: eventState(event, this.clock.now()), capacity }
  }

  private async changes(eventId: string, recordedUntil: number): Promise<Changes> {
    const since = new Date(recordedUntil)
    const rows = await this.prisma.$queryRaw<Changes[]>`
      WITH valid AS MATERIALIZED (
        SELECT t.id, c.recorded_at, ${CHECKED_IN_AT} AS checked_in_at,
          hashtextextended(jsonb_build_array(t.id, t.holder_name, t.holder_key, t.code, t.external_code, t.ticket_type,
            ${EXTERNAL_CHECK_IN})::text, 0)::numeric AS ticket,
          hashtextextended(t.id || c.checked_in_at::text, 1)::numeric AS check_in
        FROM tickets t LEFT JOIN check_ins c ON c.ticket_id = t.id
        WHERE t.event_id = ${eventId} AND t.state = 'VALID')
      SELECT max(recorded_at) AS "recordedUntil",
        (COALESCE(sum(ticket), 0) + COALESCE(sum(check_in) FILTER (WHERE recorded_at <= ${since}), 0))::text AS known,
        (COALESCE(sum(ticket), 0) + COALESCE(sum(check_in), 0))::text AS current,
        COALESCE(json_agg(json_build_object('ticketId', id, 'checkedInAt', checked_in_at))
          FILTER (WHERE recorded_at > ${since}), '[]') AS "checkIns",
        ${countedWalkIns(eventId)} AS "walkIns"
      FROM valid`
    const [changes] = rows
    if (!changes) throw new Error('an aggregate has no row')
    return { ...changes, checkIns: changes.checkIns.map(withInstant) }
  }

  private async all(eventId: string): Promise<DeviceAttendeeDto[]> {
    const items: DeviceAttendeeDto[] = []
    for (let after: AttendeePosition | undefined; ;) {
      const found = await this.attendees.page(eventId, {}, BATCH, after)
      for (const { id, name, platform, channelId, tickets } of found) {
        items.push({ id, name, platform, channelId, ticketType: typesOf(tickets), tickets })
      }
      if (found.length < BATCH) return items
      after = found.at(-1)
    }
  }
}

/** PostgreSQL writes instants in JSON in its own format. */
function withInstant({ ticketId, checkedInAt }: DeviceCheckInDto): DeviceCheckInDto {
  return { ticketId, checkedInAt: new Date(checkedInAt).toISOString() }
}
