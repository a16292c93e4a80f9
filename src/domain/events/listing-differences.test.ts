import { describe, expect, it } from 'vitest'
import { differencesOf, type NamedListing, type Shown } from './listing-differences.js'

const START = new Date('2026-12-03T18:00:00Z')
const event: Shown = {
  title: 'Winter Meetup',
  startsAt: START,
  endsAt: null,
  timezone: 'Europe/Berlin',
  venue: null,
}
const listing = (name: string, shown: Partial<Shown> = {}): NamedListing => ({ ...event, id: name, name, ...shown })
const minutes = (count: number) => new Date(START.getTime() + count * 60_000)

describe('Differences between listings', () => {
  it('are none where all show the same, whatever the case, the spaces and the seconds', () => {
    const same = { title: ' winter  MEETUP ', startsAt: new Date(START.getTime() + 59_000) }
    expect(differencesOf(event, [listing('Luma'), listing('Meetup', same)])).toEqual([])
    const silent = { title: null, startsAt: null, timezone: null }
    expect(differencesOf(event, [listing('Luma', silent)])).toEqual([])
  })

  it('name what the event and each listing shows, in the time of the event', () => {
    const found = differencesOf(event, [listing('Luma'), listing('Meetup', { startsAt: minutes(-30) })])
    expect(found).toEqual([{ field: 'startsAt', listings: ['Meetup'], text: 'The event shows 19:00, Meetup 18:30' }])
  })

  it('name the day where it is another one', () => {
    const [found] = differencesOf(event, [listing('Luma', { startsAt: minutes(24 * 60) })])
    expect(found?.text).toBe('The event shows 2026-12-03 19:00, Luma 2026-12-04 19:00')
  })

  it('are between the listings where the event shows nothing', () => {
    const shown = [listing('Luma', { endsAt: minutes(120) }), listing('Meetup', { endsAt: minutes(90) })]
    expect(differencesOf(event, shown)).toEqual([
      { field: 'endsAt', listings: ['Luma', 'Meetup'], text: 'Luma shows 21:00, Meetup 20:30' },
    ])
    expect(differencesOf(event, shown.slice(0, 1))).toEqual([])
  })

  it('include a time zone in which the same instant shows another time', () => {
    const zones = (timezone: string) => differencesOf(event, [listing('Luma', { timezone })]).map(({ field }) => field)
    expect(zones('Europe/Paris')).toEqual([])
    expect(zones('America/New_York')).toEqual(['timezone'])
    // Without a zone of its own an event has UTC.
    expect(differencesOf({ ...event, timezone: 'UTC' }, [listing('Luma', { timezone: 'Europe/Paris' })])).toEqual([])
  })

  it('are none where a place is shown with its address', () => {
    const own = { ...event, venue: 'The Old Mill' }
    expect(differencesOf(own, [listing('Luma', { venue: 'The old mill, 5 Mill Lane' })])).toEqual([])
    expect(differencesOf(own, [listing('Luma', { venue: 'The New Mill' })])).toMatchObject([
      { field: 'venue', text: 'The event shows “The Old Mill”, Luma “The New Mill”' },
    ])
  })
})
