import { admit, release } from './guests.js'
import type { Guest, LumaEvent } from './model.js'
import type { Sim } from './sim.js'
import { LumaError } from './store.js'

export interface StatusChange {
  eventId: string
  /** Guest id, guest key, ticket id or email. */
  guestId: string
  status: 'approved' | 'declined' | 'pending_approval' | 'waitlist'
  shouldRefund?: boolean
  sendEmail?: boolean
  message?: string | null
}

/** The host changes a guest's status, and with it all of the guest's tickets. @throws LumaError */
export function updateStatus(sim: Sim, change: StatusChange): Guest {
  const { status, shouldRefund = false, sendEmail = true, message = null } = change
  if (message !== null && !sendEmail) throw new LumaError(400, 'message cannot be used with send_email: false')
  const event = sim.store.event(change.eventId)
  const guest = sim.store.guest(event, change.guestId)
  if (guest.status === status) {
    if (sendEmail && sim.toggles.current.sameStatusMailsAgain === 'yes') sim.store.mail(guest, status, message)
    return guest
  }
  if (status === 'approved' || status === 'pending_approval') {
    if (!admit(sim, event, guest, status)) throw new LumaError(400, 'This event is sold out')
    guest.registeredAt ??= sim.clock.now()
  } else {
    release(sim, guest, status, shouldRefund)
  }
  sim.store.changed(event, `status ${status}`, guest)
  if (sendEmail) sim.store.mail(guest, status, message)
  sim.notices.guestUpdated(event, guest)
  if (status === 'declined' || status === 'waitlist') promoteFreed(sim, event)
  return guest
}

/** The guest cancels. @throws LumaError */
export function cancelGuest(sim: Sim, eventId: string, guestId: string): void {
  const event = sim.store.event(eventId)
  const guest = sim.store.guest(event, guestId)
  if (guest.status === 'declined' || guest.status === 'invited') throw new LumaError(400, 'There is nothing to cancel')
  release(sim, guest, 'declined', true)
  guest.vanished = sim.toggles.current.selfCancelShape === 'vanishes'
  sim.store.changed(event, 'cancel', guest)
  sim.notices.guestUpdated(event, guest)
  promoteFreed(sim, event)
}

/** @throws LumaError */
export function checkIn(sim: Sim, eventId: string, guestId: string): void {
  const event = sim.store.event(eventId)
  const guest = sim.store.guest(event, guestId)
  if (guest.status !== 'approved') throw new LumaError(400, 'Only approved guests can check in')
  for (const ticket of guest.tickets) ticket.checkedInAt ??= sim.clock.now()
  sim.store.changed(event, 'check in', guest)
  sim.notices.guestUpdated(event, guest)
}

/** After places were freed or added: Luma may fill them by itself, if its toggle or the knob says so. */
export function promoteFreed(sim: Sim, event: LumaEvent): void {
  const { toggles, knobs, random } = sim
  if (toggles.current.autoPromote === 'on' || random.chance(knobs.current.waitlistPromotion)) promote(sim, event)
}

/** Lets waiters in, the longest waiting first, as far as there is room and up to `most`. Returns how many. */
export function promote(sim: Sim, event: LumaEvent, most = Infinity): number {
  const waiting = [...event.guests.values()]
    .filter(({ status, vanished }) => status === 'waitlist' && !vanished)
    .toSorted((a, b) => (a.waitingSince ?? 0) - (b.waitingSince ?? 0))
  let promoted = 0
  for (const guest of waiting) {
    if (promoted >= most) break
    if (!admit(sim, event, guest, 'approved')) continue
    promoted += 1
    sim.store.changed(event, 'promote', guest)
    sim.store.mail(guest, 'approved')
    sim.notices.guestUpdated(event, guest)
  }
  return promoted
}
