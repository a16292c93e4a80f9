import type { Admission } from './admission.js'
import type { Book } from './book.js'
import type { Crowd } from './crowd.js'
import type { EventRecord } from './model.js'

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

/** What organisers do to an event: edit, close and open its RSVPs. Answers null when done. */
export class Organizer {
  constructor(
    private readonly book: Book,
    private readonly admission: Admission,
    private readonly crowd: Crowd,
  ) {}

  edit(event: EventRecord, { rsvpSettings, venueOptions }: EditEventInput): PayloadError | null {
    const venueLimits = event.eventType === 'HYBRID' && venueOptions ? venueOptions : null
    const rsvpLimit = venueLimits ? sumOf(venueLimits) : rsvpSettings?.rsvpLimit
    const settings = { ...rsvpSettings, ...(rsvpLimit === undefined ? {} : { rsvpLimit }) }
    const wrong = this.refusal(event, settings)
    if (wrong) return wrong
    if (rsvpSettings || venueLimits) this.apply(event, settings)
    this.book.saveEvent(event, 'edit')
    this.admission.promote(event)
    this.crowd.freed(event)
    return null
  }

  close(event: EventRecord): null {
    event.rsvpsClosed = true
    if (this.book.ports.toggles.current.closeWipesSettings === 'yes') Object.assign(event, DEFAULTS)
    this.book.saveEvent(event, 'close')
    return null
  }

  open(event: EventRecord): null {
    event.rsvpsClosed = false
    if (this.book.ports.toggles.current.openWipesSettings === 'yes') Object.assign(event, DEFAULTS)
    this.book.saveEvent(event, 'open')
    this.admission.promote(event)
    return null
  }

  private refusal(event: EventRecord, { rsvpLimit, guestLimit }: RsvpSettingsInput): PayloadError | null {
    const refused = (code: string, message: string, field: string) => ({ code, message, field })
    if (rsvpLimit != null && rsvpLimit < 0) {
      return refused('invalid_rsvp_limit', 'The limit must not be negative', 'rsvpSettings.rsvpLimit')
    }
    if (guestLimit != null && guestLimit < 0) {
      return refused('invalid_guest_limit', 'The guest limit must not be negative', 'rsvpSettings.guestLimit')
    }
    const below = rsvpLimit != null && rsvpLimit > 0 && rsvpLimit < this.book.seats(event)
    if (below && this.book.ports.toggles.current.limitBelowYes === 'refuse') {
      return refused('invalid_rsvp_limit', 'The limit is below the number of attendees', 'rsvpSettings.rsvpLimit')
    }
    return null
  }

  private apply(event: EventRecord, settings: RsvpSettingsInput): void {
    const reset = this.book.ports.toggles.current.omittedSettings === 'reset'
    const { rsvpLimit, guestLimit, rsvpOpenTime, rsvpCloseTime, rsvpOpenDuration, rsvpCloseDuration } = settings
    if (reset) Object.assign(event, DEFAULTS)
    // 0 takes the limit away.
    if (rsvpLimit != null) event.maxTickets = rsvpLimit === 0 ? null : rsvpLimit
    if (guestLimit != null) event.guestLimit = guestLimit
    if (rsvpOpenTime != null) event.rsvpOpenTime = Number(rsvpOpenTime)
    if (rsvpCloseTime != null) event.rsvpCloseTime = Number(rsvpCloseTime)
    if (rsvpOpenDuration === 'PT0S') event.rsvpOpenTime = null
    if (rsvpCloseDuration === 'PT0S') event.rsvpCloseTime = null
  }
}

/** One venue without a limit leaves the whole event without one. */
function sumOf(venues: VenueOptionInput[]): number {
  const limits = venues.map(({ rsvpLimit }) => rsvpLimit ?? 0)
  return limits.includes(0) ? 0 : limits.reduce((sum, limit) => sum + limit, 0)
}
