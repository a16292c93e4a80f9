import { Injectable } from '@nestjs/common'
import { eventNotFound, NotFound, StateConflict, ValidationFailed } from '../domain/errors.js'
import type { Hold } from '../domain/hold-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { readNumberCursor, toPage, type Page } from '../infrastructure/http/requests/pagination.js'
import { newId } from '../infrastructure/ids.js'
import { Transactions } from '../infrastructure/transactions.js'
import { EventStore } from '../stock/event-store.js'
import { HoldResolution } from '../holds/hold-resolution.js'
import { EntryTokens } from './entry-tokens.js'
import { EntryDto, type JoinedDto, type JoinWaitlistBody, type WaitlistQuery } from './waitlist.dto.js'
import { isQueued, WaitlistStore, type EntryWithHold } from './waitlist-store.js'

/** The waitlist of an event. Joining, reading and leaving need only PostgreSQL, and work in fail-safe mode. */
@Injectable()
export class Waitlist {
  constructor(
    private readonly entries: WaitlistStore,
    private readonly events: EventStore,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly tokens: EntryTokens,
    private readonly holds: HoldResolution,
  ) {}

  /**
   * Creates an entry even if the address has one: that one may belong to another person, so its token and position are
   * not disclosed. Throws NotFound; StateConflict when the event is closed.
   */
  async join(eventId: string, { name, email, quantity }: JoinWaitlistBody): Promise<JoinedDto> {
    const entry = { id: newId('wle'), eventId, name, email, quantity, createdAt: this.clock.now() }
    const position = await this.transactions.run(async (transaction) => {
      // Serialized, so that no two callers get the same position.
      const event = await this.entries.lockEvent(transaction, eventId)
      if (!event) throw eventNotFound()
      if (event.closed) throw new StateConflict('The event is closed permanently.')
      const { maxHeldPerCustomer: maxHeld } = event
      if (maxHeld !== null && quantity > maxHeld) {
        throw ValidationFailed.of('quantity', `must not be more than ${maxHeld}`)
      }
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
    const at = this.clock.now()
    if (await this.entries.leave(id, 'WAITING', at)) return
    // Read again: it may have received an offer since then.
    const hold = (await this.entries.find(id))?.hold
    if (hold) await this.decline(hold)
    await this.entries.leave(id, 'LAPSED', at)
  }

  positionOf(eventId: string, seq: bigint): Promise<number> {
    return this.entries.position(null, eventId, seq)
  }

  private async decline(hold: Hold): Promise<void> {
    const request = { holdId: hold.id, action: 'release', buyer: null, by: null } as const
    const { state } = hold.state === 'HELD' ? await this.holds.resolve(hold.eventId, request) : hold
    if (state === 'CONFIRMED') throw new StateConflict('The tickets have already been bought.')
    if (state === 'PAYMENT_PENDING') throw new StateConflict('The tickets are being paid.')
  }
}

function entryDto(
  { id, state, name, email, quantity, holdId, createdAt, offeredAt, hold }: EntryWithHold,
  position: number | null,
): EntryDto {
  return {
    id,
    state,
    position,
    name,
    email,
    quantity,
    holdId,
    createdAt: createdAt.toISOString(),
    offeredAt: offeredAt?.toISOString() ?? null,
    expiresAt: state === 'OFFERED' ? (hold?.expiresAt.toISOString() ?? null) : null,
  }
}
