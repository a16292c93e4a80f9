import { get, newKey, Problem, remove } from '../api/client'
import { serverNow } from '../api/server-clock'
import { keepSession, session } from '../api/session'
import { append, erase, eraseAll, loadAll } from './device/database'
import { BATCH, deliver, deliverWalkIn, sellToWalkIn, type CheckInResult } from './device/delivery'
import { forgetDevice } from './device/device-id'
import { dequeue, enqueue, queued, type Queued, type QueuedCheckIn } from './device/queue'
import { renew, seal, unseal, wipe } from './device/vault'
import { again, conflictOf, hasEnded, outcomeOf, peopleOf, refusedWalkIn, timesOf, withQueued } from './door-state'
import type { Conflict, Contact, DoorEvent, KeptState, Outcome, StoredConflict } from './door-state'
import { ConfirmedTimes } from './people/confirmed-times'
import { missing, People, tapped, type Person, type Ticket, type Times } from './people/people'

/** How long a scan waits for the service before it is shown as it is known here, ms. */
const RESPONSE_MS = 1_500
/** Texts that cannot be the code of a ticket. */
const NO_CODE = /[\p{Cc}\p{Cs}\u2028\u2029]|^.{501,}$|^\s*$/su

export interface DoorView {
  phase: 'opening' | 'empty' | 'ready' | 'ended'
  event: DoorEvent | null
  people: People
  /** With the check-ins of this device that the service has not confirmed. */
  times: Times
  queue: readonly Queued[]
  conflicts: readonly Conflict[]
  /** People without a ticket, as counted by all devices at the last contact. */
  walkIns: number
  contact: Contact
  /** Why there is no list, or no contact. */
  problem: string | null
}

/** One event at the door, on this device. Everything that happens is stored here first, then sent. */
export class Door {
  private view: DoorView = {
    phase: 'opening',
    event: null,
    people: new People([]),
    times: new Map(),
    queue: [],
    conflicts: [],
    walkIns: 0,
    contact: 'offline',
    problem: null,
  }
  private confirmed = new ConfirmedTimes()
  private version: string | null = null
  private userId: string | null = null
  private readonly listeners = new Set<() => void>()
  private readonly results = new Map<number, CheckInResult>()
  /** Entries whose results are shown where they happen: no person is let in before. */
  private readonly awaited = new Set<number>()
  private delivering: Promise<void> = Promise.resolve()
  /** How often the event was wiped here: what was requested before a wipe is not stored after it. */
  private wipes = 0
  /** Signed out: the session ends a little later, and until then nothing is read again. */
  private isLeft = false

  constructor(readonly eventId: string) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  readonly current = (): DoorView => this.view

  /** What the device has of the event, without the service. */
  async open(): Promise<void> {
    const [state, people] = [
      await unseal<KeptState>(this.eventId, 'state'),
      await unseal<Person[]>(this.eventId, 'people'),
    ]
    const isKept = state !== null && people !== null
    if (isKept) {
      this.version = state.version
      this.userId = state.userId
      this.confirmed = new ConfirmedTimes(new Map(state.times), new Map(state.own))
      if (!session() && state.session && Date.parse(state.session.expiresAt) > Date.now()) keepSession(state.session)
      this.show({ event: state.event, people: new People(people), phase: 'ready' })
      if (hasEnded(state.event, serverNow())) await this.end()
    }
    await this.readQueue()
    const names = new Map(state?.letIn)
    const conflicts = (await this.storedConflicts()).map((one) => ({ ...one, name: names.get(one.id) ?? null }))
    this.show({ conflicts, ...(isKept ? {} : { phase: 'empty' }) })
  }

  /** Sends what happened here, then reads what happened elsewhere. Never rejects for a missing connection. */
  async synchronize(): Promise<void> {
    const { event } = this.view
    if (event && hasEnded(event, serverNow())) await this.end()
    if (!session()) return this.show({ contact: 'signed-out' })
    try {
      await this.send()
      if (this.view.phase !== 'ended') await this.refresh()
      this.show({ contact: 'live', problem: null })
    } catch (error) {
      await this.lose(error)
    }
  }

  /** A scanned or typed code. `anyway`: keeps one that is not on this device until the service reports what it is. */
  async scan(text: string, anyway = false): Promise<Outcome> {
    const code = text.trim()
    const { people, times, contact } = this.view
    const refused = { person: null, at: null, code: null }
    if (NO_CODE.test(code)) return { ...refused, kind: 'refused', detail: 'This is not the code of a ticket.' }
    const tickets = people.withCode(code)
    const [first] = tickets
    if (!first) {
      if (contact !== 'live' && !anyway) {
        return {
          ...refused,
          code,
          kind: 'unlisted',
          detail: 'Not on this phone, which is offline: the ticket may be new.',
        }
      }
      return this.record({ code, ticketId: null }, null)
    }
    const ticket = tickets.find(({ id }) => !times.has(id))
    const person = people.withTicket((ticket ?? first).id) ?? null
    if (!ticket && person) return again(person, times, first)
    return this.record({ code, ticketId: (ticket ?? first).id }, person)
  }

  /** Checks in these tickets of a person; those that are in are shown with their first time. */
  async checkIn(person: Person, tickets: readonly Ticket[]): Promise<Outcome> {
    const out = tickets.filter((ticket) => missing(person, this.view.times).includes(ticket))
    if (out.length === 0) return again(person, this.view.times, tickets.length === 1 ? (tickets[0] ?? null) : null)
    const recorded = await Promise.all(out.map((ticket) => this.record(tapped(person, ticket), person)))
    const refused = recorded.find(({ kind }) => kind !== 'in')
    return refused ?? recorded[0] ?? again(person, this.view.times, null)
  }

  /** Counts people who come in without a ticket. */
  async countWalkIn(quantity: number): Promise<void> {
    const at = serverNow().toISOString()
    const entry = await enqueue({ kind: 'walk-in' as const, eventId: this.eventId, at, quantity, key: newKey() })
    this.showQueue([...this.view.queue, entry])
    await this.synchronize()
  }

  /** `key`: a request that is repeated after a lost response sells once. */
  async sellToWalkIn(quantity: number, key: string): Promise<void> {
    await sellToWalkIn(this.eventId, quantity, key)
    await this.synchronize()
  }

  /** Only with a connection: other devices have to know. */
  async takeBack(ticketId: string): Promise<void> {
    await remove('/api/v1/check-ins/{ticketId}', { path: { ticketId } })
    await this.synchronize()
  }

  async dismiss({ id }: Conflict): Promise<void> {
    await erase('conflicts', [id])
    this.show({ conflicts: this.view.conflicts.filter((conflict) => conflict.id !== id) })
  }

  /** How many entries of all events only this device has. */
  async unsent(): Promise<number> {
    return (await queued()).length
  }

  /** Forgets everything on this device, of other events too, and reads nothing again. */
  async wipeDevice(): Promise<void> {
    this.isLeft = true
    this.reset('empty')
    await eraseAll()
    forgetDevice()
  }

  private async record(what: Pick<QueuedCheckIn, 'code' | 'ticketId'>, person: Person | null): Promise<Outcome> {
    const at = serverNow().toISOString()
    const entry: QueuedCheckIn = await enqueue({ kind: 'check-in' as const, eventId: this.eventId, at, ...what })
    this.showQueue([...this.view.queue, entry])
    if (session() && this.view.contact === 'live') {
      this.awaited.add(entry.id)
      const sent = this.send().catch((error: unknown) => this.lose(error))
      await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, RESPONSE_MS))])
      this.awaited.delete(entry.id)
    }
    const result = this.results.get(entry.id)
    const known = person ?? this.view.people.withTicket(result?.ticketId ?? '') ?? null
    return outcomeOf(entry, result, known)
  }

  /** One after another, also of other tabs: each entry is sent by one. */
  private send(): Promise<void> {
    const next = this.delivering.then(() => navigator.locks.request('door queue', () => this.sendAll()))
    this.delivering = next.catch(() => {})
    return next
  }

  private async sendAll(): Promise<void> {
    for (let own = await this.queued(); own.length > 0; own = await this.queued()) {
      const batch = own.filter((entry) => entry.kind === 'check-in').slice(0, BATCH)
      if (batch.length > 0) await this.deliver(batch)
      for (const entry of own.filter((other) => other.kind === 'walk-in')) {
        const detail = await deliverWalkIn(entry)
        if (detail !== null) await this.keepConflict(refusedWalkIn(entry, detail))
        await dequeue([entry])
      }
      await this.readQueue()
    }
  }

  private async deliver(batch: readonly QueuedCheckIn[]): Promise<void> {
    const { wipes } = this
    const results = await deliver(this.eventId, batch)
    for (const [index, entry] of batch.entries()) {
      if (this.wipes !== wipes) return
      const result = results[index]
      if (!result) throw new Error('the service has not responded to each check-in')
      this.results.set(entry.id, result)
      const conflict = conflictOf(entry, result)
      if (conflict && !this.awaited.has(entry.id)) {
        const name = this.view.people.withTicket(conflict.ticketId ?? '')?.name ?? result.name
        await this.keepConflict(conflict, name)
      }
    }
    const confirmed = results.flatMap(({ ticketId, checkedInAt }) =>
      ticketId && checkedInAt ? [[ticketId, checkedInAt] as const] : [],
    )
    this.confirmed.confirm(confirmed)
    await this.keepState()
    // Last: what is interrupted before is sent again, and counts once.
    await dequeue(batch)
  }

  /** The name is not stored with it, but in the encrypted state. */
  private async keepConflict(conflict: Omit<StoredConflict, 'id'>, name: string | null = null): Promise<void> {
    const id = await append('conflicts', conflict)
    this.show({ conflicts: [...this.view.conflicts, { ...conflict, id, name }] })
  }

  private async storedConflicts(): Promise<StoredConflict[]> {
    return (await loadAll<StoredConflict>('conflicts')).filter(({ eventId }) => eventId === this.eventId)
  }

  private async refresh(): Promise<void> {
    if (this.isLeft) return
    const user = session()?.user.id ?? null
    const applyList = this.confirmed.expectList()
    const query = this.version !== null && this.userId === user ? { since: this.version } : {}
    const { wipes } = this
    const list = await get('/api/v1/events/{id}/door/list', { path: { id: this.eventId }, query })
    if (this.wipes !== wipes) return
    const { event, version, items, walkIns } = list
    if (hasEnded(event, serverNow())) return this.end()
    applyList(timesOf(list))
    const people = items ? peopleOf(items) : this.view.people
    const times = withQueued(this.confirmed.all, this.view.queue)
    this.show({ event, people, times, walkIns, phase: 'ready', contact: 'live', problem: null })
    // The people first: interrupted in between, the older version makes the service send them again.
    if (items) await seal(this.eventId, 'people', people.all)
    const isNew = version !== this.version || this.userId !== user
    this.version = version
    this.userId = user
    if (isNew) await this.keepState()
    await renew(this.eventId)
    // Wiped while it was stored, perhaps in part.
    if (this.wipes !== wipes) await wipe(this.eventId)
    await this.readQueue()
  }

  private async keepState(): Promise<void> {
    const { event } = this.view
    const current = session()
    const userId = current?.user.id ?? this.userId
    if (!event || this.version === null || userId === null) return
    // The session of a role that can do more than check in ends with the tab.
    const kept = current?.user.role === 'DOOR' ? current : null
    const letIn = this.view.conflicts.flatMap(({ id, name }) => (name === null ? [] : [[id, name] as const]))
    const state: KeptState = { event, version: this.version, ...this.confirmed.kept, letIn, userId, session: kept }
    await seal(this.eventId, 'state', state)
  }

  private async lose(error: unknown): Promise<void> {
    if (!(error instanceof Problem)) throw error
    if (error.status === 401) return this.show({ contact: 'signed-out', problem: null })
    if (error.status === 403 || error.status === 404) {
      this.reset('empty')
      await wipe(this.eventId)
    }
    this.show({ contact: 'offline', problem: error.status === 0 ? null : error.message })
  }

  private async end(): Promise<void> {
    this.reset('ended')
    await wipe(this.eventId)
    await erase(
      'conflicts',
      (await this.storedConflicts()).map(({ id }) => id),
    )
  }

  private reset(phase: DoorView['phase']): void {
    this.wipes++
    this.version = null
    this.userId = null
    this.confirmed = new ConfirmedTimes()
    this.show({ phase, event: null, people: new People([]), queue: [], times: new Map(), conflicts: [], walkIns: 0 })
  }

  private async readQueue(): Promise<void> {
    this.showQueue(await this.queued())
  }

  private async queued(): Promise<Queued[]> {
    return (await queued()).filter(({ eventId }) => eventId === this.eventId)
  }

  private showQueue(queue: readonly Queued[]): void {
    this.show({ queue, times: withQueued(this.confirmed.all, queue) })
  }

  private show(change: Partial<DoorView>): void {
    this.view = { ...this.view, ...change }
    for (const listener of this.listeners) listener()
  }
}
