import type { CallContext, ConfirmedState, Listing, Outcome } from '../../port.js'
import { afterWrite, ok, rejected } from '../../kit/outcomes.js'
import { confirmed } from '../caps/caps.js'
import { capOf } from '../caps/channel-reading.js'
import type { LumaContext } from '../client/client.js'
import { LUMA_MIN_CAP } from '../config.js'
import { sendingCap } from '../../operation.js'
import { countOccupiedSeats } from '../caps/occupied-seats.js'
import type { LumaPorts } from '../ports.js'
import { closeRegistration, type CapWriter, type ClosedRegistration } from './close-registration.js'
import { onlyType, writeTypeCap } from '../caps/ticket-types.js'
import { isRefused, writeEventCap } from '../caps/write-steps.js'

/**
 * Stops sales with a cap no larger than the tickets sold: Luma then puts new guests on its waitlist. `cap` is the
 * caller's count of tickets sold. It is written immediately, the first call stops sales, and nothing is read or counted.
 * With nothing sold the cap is 1, the minimum. 2 calls if the event's only ticket type is cached, 1 for a channel that
 * is a type. An event with several types is closed by its own cap: the caps of the types keep their proportion.
 */
export async function closeToWaitlist(
  ports: LumaPorts,
  listing: Listing,
  cap: number,
  context: CallContext,
): Promise<Outcome<ConfirmedState>> {
  const closingCap = Math.max(LUMA_MIN_CAP, Math.min(cap, listing.acknowledgedCap ?? cap))
  if (!Number.isSafeInteger(closingCap)) return rejected('INVALID_CAP', `${cap} is not a whole number of tickets`)
  ports.seats.discard(listing.externalEventId)
  const closed = await new WaitlistClosing(ports, listing, context).close(closingCap)
  if (closed.kind !== 'OK') return closed
  const { mode, sold } = closed.value
  return ok({ ...confirmed(ports, closed.value.cap, mode), sold })
}

class WaitlistClosing {
  constructor(
    private readonly ports: LumaPorts,
    private readonly listing: Listing,
    private readonly context: LumaContext,
  ) {}

  async close(cap: number): Promise<Outcome<ClosedRegistration>> {
    const { externalEventId: eventId, externalTicketClassId: classId } = this.listing
    if (classId !== null) return this.closeWith(this.typeCapWriter(classId), cap)
    const cached = onlyType(this.ports.ticketTypes.cached(eventId) ?? [])
    if (cached) {
      const closed = await this.closeWith(this.typeCapWriter(cached.id), cap)
      if (closed.kind !== 'GONE') return this.applyTo(this.eventCapWriter, closed)
      // The cached type no longer exists.
      this.ports.ticketTypes.invalidate(eventId)
    }
    return this.closeEvent(cap)
  }

  /** The types are listed after sales have stopped. */
  private async closeEvent(cap: number): Promise<Outcome<ClosedRegistration>> {
    const event = await this.eventCapWriter(cap)
    if (event.kind !== 'OK' && !isRefused(event)) return event
    const types = await this.ports.ticketTypes.get(this.listing.externalEventId, this.context)
    if (types.kind !== 'OK') return event.kind === 'OK' ? afterWrite(types, 'a later part of it failed') : types
    const only = onlyType(types.value)
    if (!only)
      return event.kind === 'OK'
        ? ok({ cap, mode: 'WAITLIST_ONLY', sold: null })
        : this.closeWith(this.eventCapWriter, cap)
    const closed = await this.closeWith(this.typeCapWriter(only.id), cap)
    if (event.kind !== 'OK') return this.applyTo(this.eventCapWriter, closed)
    return closed.kind === 'OK' ? closed : afterWrite(closed, 'a later part of it failed')
  }

  private closeWith(writeCap: CapWriter, cap: number): Promise<Outcome<ClosedRegistration>> {
    const { ports, listing, context } = this
    return closeRegistration(
      {
        writeCap,
        count: () => countOccupiedSeats(ports, listing, context),
        capInForce: () => this.capInForce(),
        isLate: () => ports.now().getTime() > (context.deadline ?? Infinity),
        lostCap: listing.lostCap,
      },
      cap,
    )
  }

  /** Before the import it is the organizer's: the search for Luma's count must not raise that either. */
  private async capInForce(): Promise<Outcome<number>> {
    const { ports, listing, context } = this
    if (listing.acknowledgedCap !== null) return ok(listing.acknowledgedCap)
    const types = await ports.ticketTypes.get(listing.externalEventId, context)
    if (types.kind !== 'OK') return types
    const { cap } = capOf(types.value, listing)
    return ok(typeof cap === 'number' ? cap : Infinity)
  }

  /** Sales have stopped; writes the same cap to the second place, if Luma accepts a cap there. */
  private async applyTo(
    writeCap: CapWriter,
    closed: Outcome<ClosedRegistration>,
  ): Promise<Outcome<ClosedRegistration>> {
    if (closed.kind !== 'OK') return closed
    const written = await writeCap(closed.value.cap)
    return written.kind === 'OK' || isRefused(written) ? closed : afterWrite(written, 'a later part of it failed')
  }

  private typeCapWriter(typeId: string): CapWriter {
    return async (cap) => {
      const written = await writeTypeCap(this.ports.client, typeId, cap, sendingCap(this.context, cap))
      if (written.kind === 'OK') this.ports.ticketTypes.recordCap(this.listing.externalEventId, typeId, written.value)
      return written
    }
  }

  private readonly eventCapWriter: CapWriter = async (cap) => {
    const written = await writeEventCap(this.ports, this.listing.externalEventId, cap, sendingCap(this.context, cap))
    return written.kind === 'OK' ? ok(cap) : written
  }
}
