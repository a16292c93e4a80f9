import type { Schemas } from '../api/client'
import { toCents, toPrice } from '../ui/price'
import { fromZonedTime, toZonedTime } from '../ui/zoned-time'

type Event = Schemas['EventDto']
type NumberValue = string | number

/** What people enter: times in the time zone of the event, shares in percent, the price in whole units. Empty: left out. */
export interface EventValues {
  name: string
  venue: string
  timezone: string
  startsAt: string
  endsAt: string
  salesEndAt: string
  capacity: NumberValue
  softCapRatio: NumberValue
  safetyStockRatio: NumberValue
  directWeight: NumberValue
  priceCents: NumberValue
  currency: string
  maxHeldPerCustomer: NumberValue
  waitlistPolicy: 'MANUAL' | 'AUTOMATIC'
  reason: string
}

export const EVENT_FIELDS = Object.keys(newEventValues()) as (keyof EventValues)[]

const DEFAULT_CURRENCY = 'EUR'

export function newEventValues(): EventValues {
  const left = { endsAt: '', salesEndAt: '', softCapRatio: '', safetyStockRatio: '', directWeight: '', reason: '' }
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return {
    ...left,
    name: '',
    venue: '',
    timezone: timeZone,
    startsAt: '',
    capacity: '',
    priceCents: 0,
    currency: DEFAULT_CURRENCY,
    maxHeldPerCustomer: 10,
    waitlistPolicy: 'MANUAL',
  }
}

export function valuesOf(event: Event): EventValues {
  const zone = event.timezone
  const currency = event.currency ?? DEFAULT_CURRENCY
  return {
    name: event.name,
    venue: event.venue ?? '',
    timezone: zone,
    startsAt: toZonedTime(event.startsAt, zone),
    endsAt: toZonedTime(event.endsAt, zone),
    salesEndAt: toZonedTime(event.salesEndAt, zone),
    capacity: event.targetCapacity,
    softCapRatio: toPercent(event.softCapRatio),
    safetyStockRatio: toPercent(event.safetyStockRatio),
    directWeight: event.directWeight,
    priceCents: toPrice(event.priceCents ?? 0, currency),
    currency,
    maxHeldPerCustomer: event.maxHeldPerCustomer ?? '',
    waitlistPolicy: event.waitlistPolicy,
    reason: '',
  }
}

const toPercent = (ratio: number) => Math.round(ratio * 1_000) / 10
const toRatio = (percent: NumberValue) => Math.round(Number(percent) * 10) / 1_000

type Body = Schemas['CreateEventBody'] & Schemas['PatchEventBody']

/** The values of a request, each by itself; undefined: it is left out. */
function bodyOf(values: EventValues): { [Name in keyof EventValues]: Body[Name] | undefined } {
  const { timezone, currency } = values
  const time = (value: string) => (value === '' ? undefined : fromZonedTime(value, timezone))
  const number = (value: NumberValue) => (value === '' ? undefined : Number(value))
  const text = (value: string) => (value.trim() === '' ? undefined : value.trim())
  const ratio = (value: NumberValue) => (value === '' ? undefined : toRatio(value))
  return {
    name: text(values.name),
    venue: text(values.venue),
    timezone: text(timezone),
    startsAt: time(values.startsAt),
    endsAt: time(values.endsAt),
    salesEndAt: time(values.salesEndAt),
    capacity: number(values.capacity),
    softCapRatio: ratio(values.softCapRatio),
    safetyStockRatio: ratio(values.safetyStockRatio),
    directWeight: number(values.directWeight),
    priceCents: values.priceCents === '' ? 0 : toCents(Number(values.priceCents), currency),
    currency: text(currency.toUpperCase()),
    maxHeldPerCustomer: values.maxHeldPerCustomer === '' ? null : Number(values.maxHeldPerCustomer),
    waitlistPolicy: values.waitlistPolicy,
    reason: text(values.reason),
  }
}

export function newEventBody(values: EventValues): Omit<Schemas['CreateEventBody'], 'channels'> {
  const { reason: _reason, ...body } = bodyOf(values)
  return given(body) as Schemas['CreateEventBody']
}

/** Only what differs: a capacity that is sent again replans the caps, and a time that is sent no longer follows the start. */
export function changesOf(values: EventValues, before: EventValues): Schemas['PatchEventBody'] {
  const body = bodyOf(values)
  const changed = EVENT_FIELDS.filter((name) => values[name] !== before[name])
  return given(Object.fromEntries(changed.map((name) => [name, body[name]])))
}

function given(body: object): object {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}
