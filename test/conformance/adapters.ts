import { startSimulator as startEventbrite } from '../../simulators/eventbrite/server.js'
import { startSimulator as startLuma } from '../../simulators/luma/server.js'
import { startSimulator as startMeetup } from '../../simulators/meetup/server.js'
import { EventbriteAdapter } from '../../src/platforms/eventbrite/eventbrite-adapter.js'
import { EVENTBRITE_TRAITS } from '../../src/platforms/eventbrite/traits.js'
import { LumaAdapter } from '../../src/platforms/luma/luma-adapter.js'
import { LUMA_TRAITS } from '../../src/platforms/luma/traits.js'
import { MeetupAdapter } from '../../src/platforms/meetup/meetup-adapter.js'
import { MEETUP_TRAITS } from '../../src/platforms/meetup/traits.js'
import type { AdapterUnderTest } from './adapter-under-test.js'

const TOKEN = 'conformance-token'
const WEBHOOK_TOKEN = 'conformance-webhook-token'
const REFUSED = 'another-token'
/** The limits are not reached: being throttled is a fault of its own. */
const LIMIT_SCALE = 100_000

const tokenOf = (credential: 'accepted' | 'refused' | null) =>
  credential === null ? null : { accepted: TOKEN, refused: REFUSED }[credential]

const EVENTBRITE: Omit<AdapterUnderTest, 'name' | 'listing'> = {
  traits: EVENTBRITE_TRAITS,
  startSimulator: (clock) => startEventbrite({ clock, tokens: [TOKEN], webhookPace: 0, limitScale: LIMIT_SCALE }),
  createAdapter: ({ apiUrl, credential, http, now }) =>
    new EventbriteAdapter({ config: { apiUrl, token: tokenOf(credential), webhookToken: WEBHOOK_TOKEN }, http, now }),
  pageSize: 50,
  webhookUrl: `http://127.0.0.1:9/webhooks/eventbrite/${WEBHOOK_TOKEN}`,
}

const LUMA: Omit<AdapterUnderTest, 'name' | 'listing'> = {
  traits: LUMA_TRAITS,
  startSimulator: (clock) =>
    startLuma({
      clock,
      credentials: [{ key: TOKEN, kind: 'calendar' }],
      limitScale: LIMIT_SCALE,
      toggles: { maxPageSize: 20, invitedPerRegistration: 1 },
    }),
  createAdapter: ({ apiUrl, credential, webhookSecret, ...ports }) => {
    const webhookSecrets = webhookSecret === null ? [] : [webhookSecret]
    return new LumaAdapter({ config: { apiUrl, apiKey: tokenOf(credential), webhookSecrets }, ...ports })
  },
  pageSize: 20,
  webhookUrl: 'http://127.0.0.1:9/webhooks/luma',
  unreadableWith: ['stuckList=repeat', 'stuckList=cycle', 'stuckList=empty'],
}

const MEETUP: Omit<AdapterUnderTest, 'name' | 'listing'> = {
  traits: MEETUP_TRAITS,
  startSimulator: (clock) =>
    startMeetup({
      clock,
      seed: 1,
      credentials: { accessTokens: [TOKEN] },
      limitScale: LIMIT_SCALE,
      knobs: { readLagMs: 0 },
    }),
  createAdapter: ({ apiUrl, credential, webhookSecret, http, now }) => {
    const token = tokenOf(credential)
    const credentials = token === null ? null : { accessToken: token }
    return new MeetupAdapter({ config: { apiUrl, credentials, webhookSecret }, http, now })
  },
  pageSize: 50,
  webhookUrl: 'http://127.0.0.1:9/webhooks/meetup',
  capsOrdersWith: ['guestsCountAgainstLimit=no'],
}

export const ADAPTERS: readonly AdapterUnderTest[] = [
  { ...EVENTBRITE, name: 'Eventbrite: whole event', listing: { part: 'event', ticketTypes: 2 } },
  { ...EVENTBRITE, name: 'Eventbrite: ticket class', listing: { part: 'ticketType', ticketTypes: 2 } },
  { ...LUMA, name: 'Luma: event with one ticket type', listing: { part: 'event', ticketTypes: 1 } },
  { ...LUMA, name: 'Luma: event with two ticket types', listing: { part: 'event', ticketTypes: 2 } },
  { ...LUMA, name: 'Luma: ticket type', listing: { part: 'ticketType', ticketTypes: 2 } },
  { ...MEETUP, name: 'Meetup: event', listing: { part: 'event', ticketTypes: 1 } },
]
