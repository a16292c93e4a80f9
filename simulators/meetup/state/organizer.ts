import type { BackgroundMembers } from './background-members.js'
import type { EventRecord } from './model.js'
import type { Sales } from './sales.js'
import type { MeetupState } from './state.js'

/** The input of `editEvent`, as far as it concerns RSVPs. */
export interface RsvpSettingsInput {
  rsvpLimit?: number | null
  guestLimit?: number | null
  /** ms since the epoch, as text. */
  rsvpOpenTime?: string | null
  rsvpCloseTime?: string | null
  /** `PT0S` removes the time. */
  rsvpOpenDuration?: string | null
  rsvpCloseDuration?: string | null
}

export interface VenueOptionInput {
  venueId: string
  rsvpLimit?: number | null
  guestLimit?: number | null
}

export interface EditEventInput {
  eventId: string
  title?: string | null
  applyToSeries?: boolean | null
  rsvpSettings?: RsvpSettingsInput | null
  venueOptions?: VenueOptionInput[] | null
}

export interface PayloadError {
  code: string
  message: string
  field: string | null
}

const DEFAULTS = { maxTickets: null, guestLimit: 2, rsvpOpenTime: null, rsvpCloseTime: null }

/** Organizers' changes of an event: edit, close and open its RSVPs. Returns null on success. */
export class Organizer {
  constructor(
    private readonly state: MeetupState,
    private readonly sales: Sales,
    private readonly backgroundMembers: BackgroundMembers,
  ) {}

  edit(event: EventRecord, { title, rsvpSettings, venueOptions }: EditEventInput): PayloadError | null {
    const venueLimits = event.eventType === 'HYBRID' && venueOptions ? venueOptions : null
    const rsvpLimit = venueLimits ? sumOf(venueLimits) : rsvpSettings?.rsvpLimit
    const settings = { ...rsvpSettings, ...(rsvpLimit === undefined ? {} : { rsvpLimit }) }
    const error = this.validate(event, settings)
    if (error) return error
    if (title != null && (title.trim() === '' || title.length > 80)) {
      return { code: 'invalid_title', message: 'The title must have 1 to 80 characters', field: 'title' }
    }
    if (title != null) event.title = title
    if (rsvpSettings || venueLimits) this.apply(event, settings)
    this.state.saveEvent(event, 'edit')
    this.sales.promote(event)
    this.backgroundMembers.seatsFreed(event)
    return null
  }

  cancel(event: EventRecord): null {
    event.status = 'CANCELLED'
    this.state.saveEvent(event, 'cancel')
    return null
  }

  close(event: EventRecord): null {
    event.rsvpsClosed = true
    if (this.state.ports.toggles.current.closeWipesSettings === 'yes') Object.assign(event, DEFAULTS)
    this.state.saveEvent(event, 'close')
    return null
  }

  open(event: EventRecord): null {
    event.rsvpsClosed = false
    if (this.state.ports.toggles.current.openWipesSettings === 'yes') Object.assign(event, DEFAULTS)
    this.state.saveEvent(event, 'open')
    this.sales.promote(event)
    return null
  }

  private validate(event: EventRecord, { rsvpLimit, guestLimit }: RsvpSettingsInput): PayloadError | null {
    const error = (code: string, message: string, field: string) => ({ code, message, field })
    if (rsvpLimit != null && rsvpLimit < 0) {
      return error('invalid_rsvp_limit', 'The limit must not be negative', 'rsvpSettings.rsvpLimit')
    }
    if (guestLimit != null && guestLimit < 0) {
      return error('invalid_guest_limit', 'The guest limit must not be negative', 'rsvpSettings.guestLimit')
    }
    const below = rsvpLimit != null && rsvpLimit > 0 && rsvpLimit < this.state.seats(event)
    if (below && this.state.ports.toggles.current.limitBelowYes === 'refuse') {
      return error('invalid_rsvp_limit', 'The limit is below the number of attendees', 'rsvpSettings.rsvpLimit')
    }
    return null
  }

  private apply(event: EventRecord, settings: RsvpSettingsInput): void {
    const reset = this.state.ports.toggles.current.omittedSettings === 'reset'
    const { rsvpLimit, guestLimit, rsvpOpenTime, rsvpCloseTime, rsvpOpenDuration, rsvpCloseDuration } = settings
    if (reset) Object.assign(event, DEFAULTS)
    // 0 removes the limit.
    if (rsvpLimit != null) event.maxTickets = rsvpLimit === 0 ? null : rsvpLimit
    if (guestLimit != null) event.guestLimit = guestLimit
    if (rsvpOpenTime != null) event.rsvpOpenTime = Number(rsvpOpenTime)
    if (rsvpCloseTime != null) event.rsvpCloseTime = Number(rsvpCloseTime)
    if (rsvpOpenDuration === 'PT0S') event.rsvpOpenTime = null
    if (rsvpCloseDuration === 'PT0S') event.rsvpCloseTime = null
  }
}

/** The event has no limit if one of the venues has none. */
function sumOf(venues: VenueOptionInput[]): number {
  const limits = venues.map(({ rsvpLimit }) => rsvpLimit ?? 0)
  return limits.includes(0) ? 0 : limits.reduce((sum, limit) => sum + limit, 0)
}
