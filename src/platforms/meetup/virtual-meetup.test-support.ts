import { parse } from 'graphql'
import { WindowLimit } from '../../../simulators/kit/window-limit.js'
import { priceOf } from '../../../simulators/meetup/api/price.js'
import { Admission } from '../http/admission.js'
import type { PlatformHttp, PlatformRequest, PlatformResult } from '../http/platform-http.js'
import type { Budget, RateLimiter } from '../throttle/limiter.js'
import type { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import { isObject } from '../kit/response-shape.js'

interface Event {
  maxTickets: number | null
  closed: boolean
  /** RSVPs, without guests. */
  rows: number
}

const LATENCY_MS = 300
const WINDOW_MS = 60_000
const POINTS = 500

/** Meetup and its HTTP client in virtual time, with its own limit of 500 points. */
export class VirtualMeetup implements PlatformHttp {
  readonly events = new Map<string, Event>()
  /** Calls that Meetup refused because its points were used up. */
  refused = 0
  calls = 0
  private readonly admission: Admission
  private readonly window = new WindowLimit({ limit: POINTS, windowMs: WINDOW_MS, kind: 'sliding' })

  constructor(
    private readonly time: VirtualTime,
    budget: Budget,
    limiter: RateLimiter,
  ) {
    this.admission = new Admission({ budget, limiter, now: time.ms, sleep: time.sleep })
  }

  create(id: string, event: Partial<Event> = {}): void {
    this.events.set(id, { maxTickets: null, closed: false, rows: 0, ...event })
  }

  async call(request: PlatformRequest): Promise<PlatformResult> {
    const permit = await this.admission.permit(request)
    if (!permit.granted) return { kind: 'THROTTLED', resumeAt: new Date(this.time.ms() + permit.waitMs) }
    const { query, variables } = request.json as { query: string; variables: Record<string, unknown> }
    const response = (json: unknown): PlatformResult => ({ kind: 'RESPONSE', status: 200, headers: {}, json })
    this.calls += 1
    await this.time.sleep(LATENCY_MS / 2)
    const spent = this.window.take(priceOf(parse(query), variables), this.time.ms())
    if (!spent.allowed) this.refused += 1
    const json = spent.allowed ? { data: this.execute(query, variables) } : REFUSED
    await this.time.sleep(LATENCY_MS / 2)
    return response(json)
  }

  throttled(until: Date) {
    return Promise.resolve({ kind: 'THROTTLED' as const, resumeAt: until })
  }

  observe(): Promise<void> {
    return Promise.resolve()
  }

  private execute(query: string, variables: Record<string, unknown>): object {
    const input = isObject(variables['input']) ? variables['input'] : {}
    const id = String(variables['id'] ?? input['eventId'])
    const event = this.events.get(id)
    const field = /editEvent|closeEventRsvps|openEventRsvps/.exec(query)?.[0]
    if (!event) return field ? { [field]: null } : { event: null }
    if (field === 'editEvent' && isObject(input['rsvpSettings']))
      event.maxTickets = Number(input['rsvpSettings']['rsvpLimit'])
    if (field === 'closeEventRsvps') Object.assign(event, { closed: true, maxTickets: null })
    if (field === 'openEventRsvps') event.closed = false
    const view = viewOf(id, event, Number(variables['first'] ?? 1), variables['after'])
    return field ? { [field]: { event: view, errors: null } } : { event: view }
  }
}

const REFUSED = { errors: [{ message: 'Too many requests', extensions: { code: 'RATE_LIMITED' } }], data: null }

function viewOf(id: string, { maxTickets, closed, rows }: Event, first: number, after: unknown) {
  const start = typeof after === 'string' ? Number(after) : 0
  const end = Math.min(rows, start + first)
  const edges = Array.from({ length: end - start }, (_, row) => ({ node: rsvpOf(id, start + row) }))
  return {
    id,
    status: 'ACTIVE',
    eventType: 'PHYSICAL',
    maxTickets,
    guestLimit: 0,
    waitlistMode: 'AUTO',
    rsvpSettings: { rsvpsClosed: closed },
    rsvps: {
      totalCount: rows,
      yesCount: rows,
      waitlistCount: 0,
      edges,
      pageInfo: { hasNextPage: end < rows, endCursor: String(end) },
    },
  }
}

function rsvpOf(id: string, row: number) {
  const updated = new Date(Date.parse('2026-11-01T00:00:00Z') - row * 60_000).toISOString()
  return { id: `${id}-${row}`, status: 'YES', guestsCount: 0, updated, isHost: false, member: null }
}
