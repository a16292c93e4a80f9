/** Sample responses of Meetup; all people, ids and hosts are invented. */
export const COUNTS = {
  data: {
    event: {
      id: '309000111',
      token: 'tok_example_1',
      title: 'Quarterly Meetup',
      status: 'ACTIVE',
      dateTime: '2026-12-03T18:30:00-05:00',
      maxTickets: 40,
      guestLimit: 2,
      waitlistMode: 'AUTO',
      rsvpSettings: { rsvpsClosed: false, rsvpOpenTime: null, rsvpCloseTime: '2026-12-03T17:30:00-05:00' },
      rsvps: { totalCount: 40, yesCount: 40, noCount: 6, waitlistCount: 3 },
    },
  },
}

export const WAITING = {
  id: '1900000002',
  status: 'WAITLIST',
  guestsCount: 0,
  updated: '2026-11-18T08:01:12-05:00',
  isHost: false,
  member: { id: '70000002', name: 'Bela Sample' },
}

export const GOING = {
  id: '1900000001',
  status: 'YES',
  guestsCount: 1,
  updated: '2026-11-18T07:58:40-05:00',
  isHost: false,
  member: { id: '70000001', name: 'Ada Example' },
}

export const PROMOTED = { ...WAITING, status: 'YES', updated: '2026-11-18T08:05:03-05:00' }

export const PAGE = {
  data: {
    event: {
      id: '309000111',
      maxTickets: 40,
      rsvps: {
        totalCount: 49,
        yesCount: 40,
        waitlistCount: 3,
        pageInfo: { hasNextPage: true, endCursor: 'MQ==' },
        edges: [
          { cursor: 'MA==', node: WAITING },
          { cursor: 'MQ==', node: GOING },
        ],
      },
    },
  },
}

export const EDITED = {
  data: {
    editEvent: { event: { id: '309000111', maxTickets: 36, guestLimit: 0, waitlistMode: 'AUTO' }, errors: null },
  },
}

export const EDIT_REFUSED = {
  data: {
    editEvent: {
      event: null,
      errors: [{ code: 'permission_denied', field: 'eventId', message: 'Not allowed to edit this event' }],
    },
  },
}

export const CLOSED = {
  data: {
    closeEventRsvps: {
      event: { id: '309000111', maxTickets: null, rsvpSettings: { rsvpsClosed: true } },
      errors: null,
    },
  },
}

export const THROTTLED = {
  errors: [
    {
      message: 'Too many requests, please try again shortly.',
      locations: [{ line: 2, column: 3 }],
      path: ['event'],
      extensions: { code: 'RATE_LIMITED', consumedPoints: 512, resetAt: '2026-11-18T13:02:51.644Z' },
    },
  ],
  data: null,
}

export const INVALID = {
  errors: [
    {
      message:
        "Variable 'status' has an invalid value: Invalid input for enum 'EventStatus'. No value found for name 'UPCOMING'",
      locations: [{ line: 5, column: 3 }],
      extensions: { classification: 'ValidationError' },
    },
  ],
}

export const UNKNOWN_EVENT = { data: { event: null } }

export const TOKEN = { access_token: 'ey…', refresh_token: 'ey…', token_type: 'bearer', expires_in: 3600 }

export const HINT = { type: 'rsvp.changed', data: { eventId: '309000111' } }
