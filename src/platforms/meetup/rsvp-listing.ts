import type { CallContext, Cursor, ListScope, OrderPage, Outcome } from '../port.js'
import type { OrderSnapshot } from '../../domain/order-snapshot.js'
import type { MeetupClient } from './client.js'
import { withinContract, type JsonObject } from './contract.js'
import { freshProgress, parseCursor, toCursor, type Progress, type Watermark } from './listing-cursor.js'
import { afterCheck, afterEmptyPage, afterPage, MOST_PAGES, type Step } from './listing-steps.js'
import { NEWEST_RSVP, RSVP_PAGE, weightOfPage } from './operations.js'
import { UNTOLD_MS } from './rate-limited.js'
import { emptiness, fingerprint, readRsvpPage } from './rsvp-page.js'

/** A list that looks unchanged is read in full again after this, ms. */
const LONGEST_TRUST_MS = 300_000
/** Times are told to the second, so a newest change younger than this may hide another one, ms. */
const SETTLED_MS = 10_000
/** Pages searched for one RSVP. */
const SEARCHED_PAGES = 5
/** So often a list is looked at that shows nobody though somebody is in it. */
const LOOKS_AT_NOTHING = 2
const MOST_REMEMBERED = 1_000

/** Lists RSVPs as orders: by change, newest first, down to the watermark or to the end. */
export class RsvpListing {
  /** How often each list in a row showed nobody though somebody is in it. */
  private readonly unseen = new Map<string, number>()

  constructor(
    private readonly client: MeetupClient,
    private readonly now: () => Date,
    private readonly pageSize: number,
  ) {}

  async list(
    eventId: string,
    scope: ListScope,
    cursor: Cursor | null,
    context: CallContext,
  ): Promise<Outcome<OrderPage>> {
    const from = cursor === null ? freshProgress(scope, null) : parseCursor(cursor)
    if (from === null) return { kind: 'REJECTED', code: 'INVALID_CURSOR', message: 'not a cursor of a Meetup listing' }
    if (from.step !== 'done') {
      return this.readPage(
        eventId,
        from.scope === scope ? from : freshProgress(scope, scope === 'full' ? null : from.since),
        context,
      )
    }
    if (scope === 'changed') {
      const quiet = await this.isQuiet(eventId, from, context)
      if (quiet.kind !== 'OK') return quiet
      if (quiet.value) return page([], { kind: 'DONE', cursor: from, platformCount: null })
    }
    return this.readPage(eventId, freshProgress(scope, scope === 'full' ? null : from.newest), context)
  }

  /** Null: not among the RSVPs changed last. That proves nothing: there may be more, and hidden members show nowhere. */
  async find(eventId: string, orderId: string, context: CallContext): Promise<Outcome<OrderSnapshot | null>> {
    let cursor: Cursor | null = null
    for (let pages = 0; pages < SEARCHED_PAGES; pages++) {
      const read: Outcome<OrderPage> = await this.list(eventId, 'full', cursor, context)
      if (read.kind !== 'OK') return read
      const found = read.value.snapshots.find((snapshot) => snapshot.orderId === orderId)
      if (found) return { kind: 'OK', value: found }
      if (read.value.done) break
      cursor = read.value.nextCursor
    }
    return { kind: 'OK', value: null }
  }

  private async readPage(id: string, from: Progress, context: CallContext): Promise<Outcome<OrderPage>> {
    const { after, step, pages } = from
    if (pages >= MOST_PAGES) {
      return { kind: 'REJECTED', code: 'CONTRACT', message: `Meetup's list goes on after ${MOST_PAGES} pages` }
    }
    const operation = { ...RSVP_PAGE, weight: weightOfPage(this.pageSize) }
    const answer = await this.client.execute(operation, { id, first: this.pageSize, after }, context)
    if (answer.kind !== 'OK') return answer
    return this.understand(answer.value, id, from, step === 'check' || after === null)
  }

  private understand(event: JsonObject, id: string, from: Progress, firstPage: boolean): Outcome<OrderPage> {
    const empty = withinContract(() => emptiness(event, firstPage ? { rows: 0, total: null } : from))
    if (empty.kind !== 'OK') return empty
    if (empty.value !== 'NONE') return this.afterEmpty(id, from, firstPage, empty.value === 'HIDDEN')
    if (firstPage) this.unseen.delete(id)
    const read = withinContract(() => readRsvpPage(event, id))
    if (read.kind !== 'OK') return read
    if (read.value.next !== null && read.value.next === from.after) {
      return { kind: 'REJECTED', code: 'CONTRACT', message: "Meetup's list names the same page as its next: endCursor" }
    }
    const next =
      from.step === 'check' ? afterCheck(from, read.value) : afterPage(from, read.value, this.now().getTime())
    return page(read.value.snapshots, next)
  }

  /** A list whose members are all hidden looks like one that is throttled, but for longer. Nothing is concluded of it. */
  private afterEmpty(id: string, from: Progress, firstPage: boolean, hidden: boolean): Outcome<OrderPage> {
    if (!firstPage) return page([], afterEmptyPage(from))
    const looks = hidden ? (this.unseen.get(id) ?? 0) + 1 : 0
    if (this.unseen.size > MOST_REMEMBERED) this.unseen.clear()
    this.unseen.set(id, looks)
    if (looks > LOOKS_AT_NOTHING) return page([], afterEmptyPage({ ...from, restarts: Infinity }))
    return { kind: 'THROTTLED', resumeAt: new Date(this.now().getTime() + UNTOLD_MS) }
  }

  /** A cheap look whether anything changed since the watermark. */
  private async isQuiet(
    id: string,
    { print, newest, readAt }: Watermark,
    context: CallContext,
  ): Promise<Outcome<boolean>> {
    const settled = newest === null || readAt - newest >= SETTLED_MS
    const now = this.now().getTime()
    if (print === null || !settled || now - readAt >= LONGEST_TRUST_MS || now < readAt)
      return { kind: 'OK', value: false }
    const answer = await this.client.execute(NEWEST_RSVP, { id }, context)
    return answer.kind === 'OK' ? withinContract(() => fingerprint(answer.value) === print) : answer
  }
}

function page(snapshots: OrderSnapshot[], step: Step): Outcome<OrderPage> {
  const done = step.kind === 'DONE'
  return {
    kind: 'OK',
    value: { snapshots, nextCursor: toCursor(step.cursor), done, platformCount: done ? step.platformCount : null },
  }
}
