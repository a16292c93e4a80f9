import type { Schemas } from '../../api/client'
import { labelOf } from '../../ui/labels'

/** One of the places where a person seems to hold seats, and the others. */
export interface SecondSeat {
  event: Schemas['EventDto']
  attendee: Schemas['DuplicateAttendeeDto']
  others: readonly Schemas['DuplicateAttendeeDto'][]
}

export function placesOf(attendees: SecondSeat['others']): string {
  return [
    ...new Set(attendees.map(({ platform }) => (platform === 'DIRECT' ? 'our own page' : labelOf(platform)))),
  ].join(' and ')
}

/** To be sent to the person, who decides. */
export function messageTo({ event, attendee, others }: SecondSeat): string {
  const greeting = attendee.name ? `Hello ${attendee.name},` : 'Hello,'
  return [
    greeting,
    `you seem to have a seat for ${event.name} on ${placesOf([attendee])} and another one on ${placesOf(others)}. If you need only one, please cancel the one on ${placesOf([attendee])}, so that another person can come.`,
    'Thank you!',
  ].join('\n\n')
}
