import type { Event } from '../../../domain/event-record.js'
import type { NewEvent } from '../../../stock/event-store.js'
import { definedValues } from '../defined-values.js'

/** The row that PostgreSQL creates, with the defaults of its columns. */
export function newEventRow(event: NewEvent, now: Date): Event {
  return {
    venue: null,
    timezone: 'UTC',
    priceCents: null,
    currency: null,
    maxHeldPerCustomer: null,
    withheldUnits: 0,
    waitlistPolicy: 'MANUAL',
    demo: false,
    redAlarmSince: null,
    pausedSince: null,
    closedSince: null,
    frozenSince: null,
    createdAt: now,
    updatedAt: now,
    ...definedValues(event),
  }
}
