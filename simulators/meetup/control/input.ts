import {
  choice,
  flag,
  instant,
  InvalidSettingsError,
  number,
  Settings,
  type Rule,
  type Rules,
} from '../../kit/index.js'
import type { EventOptions } from '../state/create-event.js'
import type { EventRecord, RsvpStatus } from '../state/model.js'
import type { RsvpRequest } from '../state/sales.js'
import type { HintTarget } from '../webhooks.js'

const MAX_CAPACITY = 10_000_000

/** Validates the given fields. @throws InvalidSettingsError naming every invalid or unknown field */
function validate<T extends object>(rules: Rules<T>, input: unknown): Partial<T> {
  const settings = new Settings(rules, {})
  const given = input ?? {}
  const values = settings.patch(given)
  return Object.fromEntries(Object.entries(values).filter(([field]) => Object.hasOwn(given, field))) as Partial<T>
}

const EVENT_RULES: Rules<Required<EventOptions>> = {
  id: text('', 64),
  title: text('', 200),
  venue: text('', 200),
  capacity: orNull(number(0, { min: 1, max: MAX_CAPACITY })),
  maxTickets: orNull(number(0, { min: 1, max: MAX_CAPACITY })),
  status: choice('ACTIVE', 'CANCELLED', 'DRAFT', 'PAST'),
  eventType: choice('PHYSICAL', 'ONLINE', 'HYBRID'),
  dateTime: instant(),
  guestLimit: number(2, { max: 1_000 }),
  feeRequired: flag(),
  rsvpsClosed: flag(),
  rsvpOpenTime: orNull(instant()),
  rsvpCloseTime: orNull(instant()),
  organizers: orNull(listOf(text('', 64))),
}

const RSVP_RULES: Rules<Required<RsvpRequest>> = {
  guests: number(0, { max: 1_000 }),
  memberId: text('', 64),
  memberName: text('', 200),
  priority: flag(),
  isHost: flag(),
  hidden: flag(),
  unpaid: flag(),
}

const TARGET_RULES: Rules<HintTarget> = { url: text('', 2_000), secrets: listOf(text('', 200)) }

export function eventOptions(input: unknown): EventOptions {
  return validate(EVENT_RULES, input)
}

export function eventChange(input: unknown): Partial<Omit<EventRecord, 'id' | 'token'>> {
  const { id, capacity, ...change } = validate(EVENT_RULES, input)
  if (id !== undefined) throw new InvalidSettingsError([{ field: 'id', message: 'cannot be set; see roll-id' }])
  return capacity === undefined ? change : { ...change, maxTickets: capacity }
}

export function rsvpRequest(input: unknown): RsvpRequest {
  return validate(RSVP_RULES, input)
}

export function guestsOf(input: unknown): number {
  return required(validate({ guests: number(0, { max: 1_000 }) }, input).guests, 'guests')
}

type Mark = Exclude<RsvpStatus, 'WAITLIST' | 'YES_PENDING_PAYMENT'>
const MARKS = choice<Mark>('YES', 'ATTENDED', 'NO_SHOW', 'EXCUSED_ABSENCE', 'NO', 'HAVENT', 'MAYBE')

export function markOf(input: unknown): Mark {
  return required(validate({ status: MARKS }, input).status, 'status')
}

export function activeOf(input: unknown): boolean {
  return required(validate({ active: flag() }, input).active, 'active')
}

/** Null clears it. */
export function hintTarget(input: unknown): HintTarget | null {
  const { url, secrets } = validate(TARGET_RULES, input)
  if (url === undefined && secrets === undefined) return null
  return { url: required(url, 'url'), secrets: required(secrets, 'secrets') }
}

function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new InvalidSettingsError([{ field, message: 'is missing' }])
  return value
}

function text(initial: string, maxLength: number): Rule<string> {
  return {
    initial,
    parse: (value) => {
      if (typeof value !== 'string' || value.length === 0 || value.length > maxLength) {
        throw new Error(`must be a text of 1 to ${maxLength} characters`)
      }
      return value
    },
  }
}

function orNull<V>(rule: Rule<V>): Rule<V | null> {
  return { initial: null, parse: (value) => (value === null ? null : rule.parse(value)) }
}

function listOf<V>(rule: Rule<V>): Rule<V[]> {
  return {
    initial: [],
    parse: (value) => {
      if (!Array.isArray(value) || value.length > 100) throw new Error('must be a list of at most 100')
      return value.map((item) => rule.parse(item))
    },
  }
}
