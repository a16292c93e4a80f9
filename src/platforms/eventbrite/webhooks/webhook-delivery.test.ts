import { describe, expect, it } from 'vitest'
import { delivery, DELIVERIES } from '../../../../test/support/platforms/eventbrite-samples.js'
import { EVENTBRITE_API_URL } from '../config.js'
import { parseDelivery, withoutSecret } from './webhook-delivery.js'

const LOCAL = 'http://127.0.0.1:4010/v3'

function parse(body: string, apiUrl = EVENTBRITE_API_URL) {
  return parseDelivery(Buffer.from(body), apiUrl)
}

function from(apiUrl: string, action = 'order.placed'): string {
  return JSON.stringify({ config: { action, webhook_id: '1' }, api_url: apiUrl })
}

describe('parseDelivery', () => {
  it.each([
    [DELIVERIES.orderPlaced, { kind: 'ORDER', orderId: '15600000001', externalEventId: null, snapshot: null }],
    [DELIVERIES.orderPlaced, { kind: 'ORDER', subscriptionId: '15900001' }],
    [DELIVERIES.attendeeUpdated, { kind: 'EVENT', externalEventId: '1999000000001' }],
    [DELIVERIES.ticketClassUpdated, { kind: 'EVENT', externalEventId: '1999000000001', about: 'LISTING' }],
    [DELIVERIES.eventUpdated, { kind: 'EVENT', externalEventId: '1999000000001', about: 'LISTING' }],
    [delivery('event.unpublished', '/events/1/'), { kind: 'EVENT', externalEventId: '1', about: 'LISTING' }],
    [delivery('ticket_class.deleted', '/events/1/ticket_classes/2/'), { kind: 'EVENT', about: 'LISTING' }],
    [delivery('order.placed', '/orders/309000777!chp/'), { kind: 'ORDER', orderId: '309000777!chp' }],
    [delivery('order.placed', '/orders/a%3A%2F%2B%3D%40/'), { kind: 'ORDER', orderId: 'a:/+=@' }],
    [delivery('order.placed', '/orders/7%2F..%2F8/'), { kind: 'ORDER', orderId: '7/../8' }],
    [DELIVERIES.test, { kind: 'NONE' }],
    [delivery('order.updated', '/orders/15600000001'), { kind: 'ORDER', orderId: '15600000001' }],
    [delivery('attendee.updated', '/orders/15600000001/attendees/2/'), { kind: 'ORDER', orderId: '15600000001' }],
    [delivery('attendee.checked_in', '/events/1/attendees/2/'), { kind: 'NONE' }],
    [delivery('barcode.checked_in', '/events/1/attendees/2/'), { kind: 'NONE' }],
    [delivery('organizer.updated', '/organizers/1/'), { kind: 'NONE' }],
    [delivery('event.updated', '/series/1/'), { kind: 'NONE' }],
  ])('returns a hint for %s', (body, hint) => {
    expect(parse(body)).toMatchObject([hint])
  })

  it.each([
    `${LOCAL}/orders/7/`,
    'http://localhost:4010/v3/orders/7',
    'http://www.eventbriteapi.com/v3/orders/7/',
    'https://www.eventbriteapi.com:8443/v3/orders/7/?expand=attendees',
    'https://proxy.example/eventbrite/v3/orders/7/',
    'https://www.eventbriteapi.com/v3/../orders/7/',
    '/v3/orders/7/',
  ])('takes only the id from a URL with any host: %s', (apiUrl) => {
    for (const api of [EVENTBRITE_API_URL, LOCAL]) {
      expect(parse(from(apiUrl), api)).toMatchObject([{ kind: 'ORDER', orderId: '7' }])
    }
  })

  it.each(['file:///v3/orders/7/', 'orders/7/', 'javascript:/orders/7/', 'http://', 'not an address', ''])(
    'returns null for the URL "%s"',
    (apiUrl) => {
      expect(parse(from(apiUrl))).toBeNull()
    },
  )

  it('accepts a test delivery without a URL', () => {
    expect(parse('{"config":{"action":"test"}}')).toMatchObject([{ kind: 'NONE' }])
  })

  it.each(['orders//7/', 'orders/%ff/', 'orders/%00/', `orders/${'7'.repeat(201)}/`, 'events/1/attendees/2/3/'])(
    'finds no valid id in %s',
    (path) => {
      expect(parse(from(`${EVENTBRITE_API_URL}/${path}`))).toMatchObject([{ kind: 'NONE' }])
    },
  )

  it('returns a hint for the orders, not for the listing, after a purchase', () => {
    expect(parse(DELIVERIES.attendeeUpdated)?.[0]).not.toHaveProperty('about')
  })

  it.each([
    '',
    'null',
    '[]',
    '{',
    '"text"',
    '{"config":{}}',
    '{"api_url":"x"}',
    '{"config":{"action":1},"api_url":"x"}',
  ])('returns null for the body %s', (body) => {
    expect(parse(body)).toBeNull()
  })
})

describe('withoutSecret', () => {
  it('removes the secret from a body, which parses the same', () => {
    const body = Buffer.from(DELIVERIES.orderPlaced)
    const stored = withoutSecret(body, '3f9c0example')
    expect(stored.toString()).not.toContain('3f9c0example')
    expect(parseDelivery(stored, EVENTBRITE_API_URL)).toEqual(parseDelivery(body, EVENTBRITE_API_URL))
    expect(withoutSecret(body, null)).toBe(body)
  })
})
