import type { Clock } from '../kit/index.js'
import { startSimulator, type MeetupSimulator, type SimulatorOptions } from './server.js'

export const EVENT = '309000111'
export const TOKEN = 'meetup-simulator-token'

/** The system clock, which tests can advance. */
export class AdjustableClock implements Clock {
  private aheadMs = 0

  now(): number {
    return Date.now() + this.aheadMs
  }

  advance(ms: number): void {
    this.aheadMs += ms
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(finish, ms)
      signal?.addEventListener('abort', finish, { once: true })
    })
  }
}

export async function startTestHarness(options: SimulatorOptions = {}) {
  const clock = new AdjustableClock()
  const simulator = await startSimulator({ seed: 11, clock, ...options, knobs: { readLagMs: 0, ...options.knobs } })
  return { simulator, clock, control: simulator.control, graphql: graphqlClient(simulator) }
}

/** Sends GraphQL; returns status and body. */
function graphqlClient({ url }: MeetupSimulator) {
  return async (query: string, variables: object = {}, token: string | null = TOKEN) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.includes('json') ? (JSON.parse(text) as Body) : {}
    return { status: response.status, body: json, text }
  }
}

/** The parts of a response that tests read. */
export interface Body {
  data?: {
    event?: EventBody | null
    editEvent?: { event: EventBody | null; errors: { code: string }[] | null }
  } | null
  errors?: { message: string; path?: string[]; extensions?: Record<string, unknown> }[]
}

interface EventBody {
  maxTickets?: number | null
  guestLimit?: number
  rsvps?: {
    totalCount: number
    yesCount: number
    pageInfo: { hasNextPage: boolean; endCursor: string | null }
    edges: { cursor: string; node: { id: string; status: string; updated: string; guestsCount: number } }[]
  }
}

export const SET_LIMIT = `mutation SetLimit($input: EditEventInput!) {
  editEvent(input: $input) { event { id maxTickets guestLimit } errors { code field message } }
}`

export const RSVPS = `query Rsvps($id: ID!, $first: Int, $after: String, $filter: RsvpFilter, $sort: RsvpSort) {
  event(id: $id) {
    maxTickets
    rsvps(first: $first, after: $after, filter: $filter, sort: $sort) {
      totalCount yesCount pageInfo { hasNextPage endCursor }
      edges { cursor node { id status updated guestsCount } }
    }
  }
}`

export const LIMIT = 'query Limit($id: ID!) { event(id: $id) { maxTickets } }'

export const ALL = ['YES', 'NO', 'WAITLIST', 'YES_PENDING_PAYMENT', 'ATTENDED', 'NO_SHOW', 'EXCUSED_ABSENCE']
