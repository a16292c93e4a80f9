import type { CallContext, ConfirmedState, Listing, Outcome } from '../port.js'
import { afterWrite, ok, rejected } from './answers.js'
import { confirmed } from './caps.js'
import type { LumaContext } from './client.js'
import { LUMA_MIN_CAP } from './constants.js'
import { countHeld } from './held.js'
import type { LumaPorts } from './ports.js'
import { shutDoor, type Door, type Shut } from './shut-door.js'
import { onlyType, writeTypeCap } from './ticket-types.js'
import { isRefused, writeEventCap } from './write-steps.js'

/**
 * Stops sales by a cap no larger than what is sold: Luma then sends whoever comes to its waitlist. `cap` is what the
 * caller knows as sold; it is written at once, the first call stops sales, and nothing is read or counted. With nothing
 * sold it is a cap of 1, the smallest there is. 2 calls where the event's only ticket type is known, 1 for a channel
 * that is a type. An event with several types is shut by its own cap: theirs stay, and with them their proportion.
 */
export async function closeToWaitlist(
  ports: LumaPorts,
  listing: Listing,
  cap: number,
  context: CallContext,
): Promise<Outcome<ConfirmedState>> {
  const known = Math.max(LUMA_MIN_CAP, Math.min(cap, listing.acknowledgedCap ?? cap))
  if (!Number.isSafeInteger(known)) return rejected('INVALID_CAP', `${cap} is not a whole number of tickets`)
  ports.seats.forget(listing.externalEventId)
  const shut = await new Closing(ports, listing, context).shut(known)
  if (shut.kind !== 'OK') return shut
  const { mode, sold } = shut.value
  return ok({ ...confirmed(ports, shut.value.cap, mode), sold })
}

class Closing {
  constructor(
    private readonly ports: LumaPorts,
    private readonly listing: Listing,
    private readonly context: LumaContext,
  ) {}

  async shut(known: number): Promise<Outcome<Shut>> {
    const { externalEventId: eventId, externalTicketClassId: classId } = this.listing
    if (classId !== null) return this.shutAt(this.typeDoor(classId), known)
    const remembered = onlyType(this.ports.types.remembered(eventId) ?? [])
    if (remembered) {
      const shut = await this.shutAt(this.typeDoor(remembered.id), known)
      if (shut.kind !== 'GONE') return this.followed(shut, this.eventDoor)
      // There are other types by now.
      this.ports.types.forget(eventId)
    }
    return this.shutEvent(known)
  }

  /** Which types there are is asked once sales have stopped. */
  private async shutEvent(known: number): Promise<Outcome<Shut>> {
    const event = await this.eventDoor(known)
    if (event.kind !== 'OK' && !isRefused(event)) return event
    const types = await this.ports.types.types(this.listing.externalEventId, this.context)
    if (types.kind !== 'OK') return event.kind === 'OK' ? afterWrite(types) : types
    const only = onlyType(types.value)
    if (!only)
      return event.kind === 'OK'
        ? ok({ cap: known, mode: 'WAITLIST_ONLY', sold: null })
        : this.shutAt(this.eventDoor, known)
    const shut = await this.shutAt(this.typeDoor(only.id), known)
    if (event.kind !== 'OK') return this.followed(shut, this.eventDoor)
    return shut.kind === 'OK' ? shut : afterWrite(shut)
  }

  private shutAt(door: Door, known: number): Promise<Outcome<Shut>> {
    const { ports, listing, context } = this
    return shutDoor(
      {
        door,
        count: () => countHeld(ports, listing, context),
        inForce: listing.acknowledgedCap ?? Infinity,
        isLate: () => ports.now().getTime() > (context.deadline ?? Infinity),
      },
      known,
    )
  }

  /** Sales have stopped; the second door follows, as far as Luma takes a cap there. */
  private async followed(shut: Outcome<Shut>, door: Door): Promise<Outcome<Shut>> {
    if (shut.kind !== 'OK') return shut
    const written = await door(shut.value.cap)
    return written.kind === 'OK' || isRefused(written) ? shut : afterWrite(written)
  }

  private typeDoor(typeId: string): Door {
    return async (cap) => {
      const written = await writeTypeCap(this.ports.client, typeId, cap, this.context)
      if (written.kind === 'OK') this.ports.types.wrote(this.listing.externalEventId, typeId, written.value)
      return written
    }
  }

  private readonly eventDoor: Door = async (cap) => {
    const written = await writeEventCap(this.ports, this.listing.externalEventId, cap, this.context)
    return written.kind === 'OK' ? ok(cap) : written
  }
}
