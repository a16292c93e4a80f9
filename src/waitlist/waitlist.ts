import { Injectable } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { eventNotFound, NotFound, StateConflict, ValidationFailed } from '../domain/errors.js'
import type { Hold } from '../domain/hold-record.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Config } from '../infrastructure/config/config.js'
import { MailOutbox } from '../infrastructure/mail/mail-outbox.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import { Clock } from '../infrastructure/time/clock.js'
import { readNumberCursor, toPage, type Page } from '../infrastructure/http/requests/pagination.js'
import { newId } from '../infrastructure/ids.js'
import { Transactions } from '../infrastructure/transactions.js'
import { EventStore } from '../stock/event-store.js'
import { HoldResolution } from '../holds/hold-resolution.js'
import { WaitlistLinks } from './waitlist-links.js'
import { verificationMail } from './waitlist-mails.js'
import { EntryTokens } from './entry-tokens.js'
import { EntryDto, type JoinedDto, type JoinWaitlistBody, type WaitlistQuery } from './waitlist.dto.js'
import { isQueued, WaitlistStore, type EntryWithHold, type JoinTerms, type QueuedEntry } from './waitlist-store.js'

/** How long the owner of an address has to confirm it. */
const VERIFICATION_MS = 48 * 3_600_000
const DELETE_INTERVAL_MS = 3_600_000
/** Links to confirm an address, per event. */
const MAX_MAILS = 3
const MAILS_WINDOW_MS = 24 * 3_600_000
const LOCK_TIMEOUT_MS = 5_000

/** The waitlist of an event. Joining, reading and leaving need only PostgreSQL, and work in fail-safe mode. */
@Injectable()
export class Waitlist {
  constructor(
    private readonly entries: WaitlistStore,
    private readonly events: EventStore,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly tokens: EntryTokens,
    private readonly links: WaitlistLinks,
    private readonly holds: HoldResolution,
    private readonly outbox: MailOutbox,
    private readonly audit: AuditService,
    private readonly config: Config,
  ) {}

  /**
   * Creates an entry even if the address has one: that one may belong to another person, so its token and position are
   * not disclosed. The address is mailed a link to confirm it. Throws NotFound; StateConflict when the event is closed.
   */
  async join(eventId: string, { name, email, quantity }: JoinWaitlistBody): Promise<JoinedDto> {
    const entry = { id: newId('wle'), eventId, name, email, quantity, createdAt: this.clock.now() }
    const position = await this.transactions.run(async (transaction) => {
      // So that no two callers get the same position.
      const event = await this.lock(transaction, eventId)
      if (event.closed) throw new StateConflict('The event is closed permanently.')
      const { maxHeldPerCustomer: maxHeld } = event
      if (maxHeld !== null && quantity > maxHeld) {
        throw ValidationFailed.of('quantity', `must not be more than ${maxHeld}`)
      }
      await this.requestVerification(transaction, event, entry)
      const seq = await this.entries.add(transaction, entry)
      return this.entries.position(transaction, eventId, seq)
    })
    return { id: entry.id, position, leaveToken: this.tokens.forEntry(entry.id) }
  }

  /** In queue order. */
  async list(eventId: string, query: WaitlistQuery): Promise<Page<EntryDto>> {
    if (!(await this.events.exists(eventId))) throw eventNotFound()
    const { state, limit } = query
    const after = readNumberCursor(query.cursor)
    const filter = { ...(after === undefined ? {} : { after }), ...(state ? { state } : {}) }
    const rows = await this.entries.list(eventId, filter, limit + 1)
    const firstQueued = rows.find(isQueued)
    let position = firstQueued ? await this.positionOf(eventId, firstQueued.seq) : 0
    const numbered = rows.map((entry) => ({ id: entry.seq, entry, position: isQueued(entry) ? position++ : null }))
    // With a state filter there can be other queued entries between the listed ones.
    if (state) for (const row of numbered) row.position &&= await this.positionOf(eventId, row.entry.seq)
    return toPage(numbered, limit, (row) => entryDto(row.entry, row.position))
  }

  /** Throws NotFound, also for an invalid token; StateConflict when the tickets are bought or being paid. */
  async leave(id: string, token: string): Promise<void> {
    const entry = await this.entries.find(id)
    if (!entry || !this.tokens.matchesEntry(token, id)) throw new NotFound('There is no such entry.')
    await this.end(id, null)
  }

  /** Removes an entry; an open offer ends. Throws NotFound; StateConflict when the tickets are bought or being paid. */
  async remove(eventId: string, id: string, by: AuthenticatedUser): Promise<void> {
    const entry = await this.entries.find(id)
    if (entry?.eventId !== eventId) throw new NotFound('There is no such entry.')
    await this.end(id, by)
    await this.audit.record(by.id, 'waitlist.remove', id, { state: entry.state }, { state: 'LEFT' })
  }

  /**
   * Moves a waiting entry to this position, from 1; behind the last one it is the last. Throws NotFound; StateConflict
   * when it does not wait.
   */
  async move(eventId: string, id: string, position: number, by: AuthenticatedUser): Promise<EntryDto> {
    await this.transactions.run(async (transaction) => {
      // No entry is added or moved in the meantime.
      await this.lock(transaction, eventId)
      const queue = await this.entries.queue(transaction, eventId)
      const from = queue.findIndex((entry) => entry.id === id)
      const moved = queue[from]
      if (!moved) throw await this.notQueued(eventId, id)
      if (moved.state !== 'WAITING') throw new StateConflict(`The entry is already ${moved.state}.`)
      await this.entries.reorder(transaction, placesAfterMove(queue, from, position - 1))
      await this.audit.record(by.id, 'waitlist.move', id, { position: from + 1 }, { position }, transaction)
    })
    const entry = await this.entries.find(id)
    if (!entry) throw new NotFound('There is no such entry.')
    return entryDto(entry, isQueued(entry) ? await this.positionOf(eventId, entry.seq) : null)
  }

  /** Entries are personal data of people who may never have joined: those that are not confirmed are not kept. */
  @Periodic({ name: 'unconfirmed waitlist entries', every: DELETE_INTERVAL_MS })
  async deleteUnverified(): Promise<void> {
    // Without a mail server only the log has the links.
    if (this.config.mail.smtpUrl === null) return
    await this.entries.deleteUnverified(new Date(this.clock.now().getTime() - VERIFICATION_MS))
  }

  positionOf(eventId: string, seq: bigint): Promise<number> {
    return this.entries.position(null, eventId, seq)
  }

  /**
   * One transaction at a time appends or moves entries of a waitlist. The lock is not the event's row: pausing, closing and
   * offers do not wait for people who join. Throws NotFound.
   */
  private async lock(transaction: DatabaseTransaction, eventId: string): Promise<JoinTerms> {
    await this.transactions.lock(transaction, [`waitlist:${eventId}`], LOCK_TIMEOUT_MS)
    const event = await this.entries.joinTerms(transaction, eventId)
    if (!event) throw eventNotFound()
    return event
  }

  /** The link that proves the address; a stranger's address gets no more than a few of them a day. */
  private async requestVerification(
    transaction: DatabaseTransaction,
    event: JoinTerms,
    entry: Pick<EntryWithHold, 'id' | 'eventId' | 'email' | 'quantity' | 'createdAt'>,
  ): Promise<void> {
    const { id, eventId, email, createdAt } = entry
    const since = new Date(createdAt.getTime() - MAILS_WINDOW_MS)
    if ((await this.entries.countOf(transaction, eventId, email, since)) >= MAX_MAILS) return
    await this.outbox.put(transaction, [verificationMail(event, entry, this.links.toConfirmation(id))])
  }

  private async end(id: string, by: AuthenticatedUser | null): Promise<void> {
    const at = this.clock.now()
    if (await this.entries.leave(id, 'WAITING', at)) return
    // Read again: it may have received an offer since then.
    const hold = (await this.entries.find(id))?.hold
    if (hold) await this.decline(hold, by)
    await this.entries.leave(id, 'LAPSED', at)
  }

  private async notQueued(eventId: string, id: string): Promise<Error> {
    const entry = await this.entries.find(id)
    if (entry?.eventId !== eventId) return new NotFound('There is no such entry.')
    return new StateConflict(`The entry is already ${entry.state}.`)
  }

  private async decline(hold: Hold, by: AuthenticatedUser | null): Promise<void> {
    const request = { holdId: hold.id, action: 'release', buyer: null, by } as const
    const { state } = hold.state === 'HELD' ? await this.holds.resolve(hold.eventId, request) : hold
    if (state === 'CONFIRMED') throw new StateConflict('The tickets have already been bought.')
    if (state === 'PAYMENT_PENDING') throw new StateConflict('The tickets are being paid.')
  }
}

/** Entries whose place changes when one of them is moved, with their new places. */
function placesAfterMove(queue: readonly QueuedEntry[], from: number, to: number): Pick<QueuedEntry, 'id' | 'seq'>[] {
  const order = queue.toSpliced(from, 1)
  order.splice(to, 0, ...queue.slice(from, from + 1))
  return order.flatMap(({ id }, index) => {
    const place = queue[index]
    return place && place.id !== id ? [{ id, seq: place.seq }] : []
  })
}

function entryDto(
  { id, state, name, email, quantity, holdId, createdAt, verifiedAt, offeredAt, hold }: EntryWithHold,
  position: number | null,
): EntryDto {
  return {
    id,
    state,
    position,
    name,
    email,
    quantity,
    emailVerified: verifiedAt !== null,
    holdId,
    createdAt: createdAt.toISOString(),
    offeredAt: offeredAt?.toISOString() ?? null,
    expiresAt: state === 'OFFERED' ? (hold?.expiresAt.toISOString() ?? null) : null,
  }
}
