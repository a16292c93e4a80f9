import {
  startSimulator as startEventbrite,
  type SimulatorOptions as EventbriteOptions,
} from '../../simulators/eventbrite/server.js'
import type { Clock as SimulatorClock, FaultKnobs, PostWebhook } from '../../simulators/kit/index.js'
import { startSimulator as startLuma, type SimulatorOptions as LumaOptions } from '../../simulators/luma/server.js'
import {
  startSimulator as startMeetup,
  type SimulatorOptions as MeetupOptions,
} from '../../simulators/meetup/server.js'
import type { Clock } from '../../src/infrastructure/time/clock.js'
import type { Timers } from '../../src/infrastructure/time/timers.js'
import type { Scenario } from '../scenario/actions.js'
import { CREDENTIALS, secondSecrets } from './credentials.js'

export interface PlatformOptions {
  seed: number
  time: Clock & Timers
  /** Receives the webhooks of all platforms; their addresses are on loopback. */
  post: PostWebhook
  /** Faults at random, on every platform. */
  knobs?: Partial<FaultKnobs>
  eventbrite?: EventbriteOptions
  luma?: LumaOptions
  meetup?: MeetupOptions
}

export interface SimulatedPlatforms {
  eventbrite: Awaited<ReturnType<typeof startEventbrite>>
  luma: Awaited<ReturnType<typeof startLuma>>
  meetup: Awaited<ReturnType<typeof startMeetup>>
  close(): Promise<void>
}

/** Options of simulators whose limits are these. */
export function limitedTo({ EVENTBRITE, LUMA, MEETUP }: NonNullable<Scenario['limits']>): Partial<PlatformOptions> {
  return {
    ...(EVENTBRITE && { eventbrite: { toggles: { rateLimit: EVENTBRITE.limit } } }),
    ...(LUMA && { luma: { limits: { calendar: LUMA.limit } } }),
    ...(MEETUP && { meetup: { toggles: { pointsLimit: MEETUP.limit } } }),
  }
}

/** The three platforms in this process, without sockets and on the given time; everything random comes from the seed. */
export async function startPlatforms({
  seed,
  time,
  post,
  knobs = {},
  ...options
}: PlatformOptions): Promise<SimulatedPlatforms> {
  const common = (name: string) => ({
    seed,
    clock: clockOf(time),
    knobs,
    inProcess: { origin: `http://${name}.test`, post },
  })
  const eventbrite = await startEventbrite({
    ...common('eventbrite'),
    tokens: [CREDENTIALS.eventbriteToken, ...secondSecrets('EVENTBRITE')],
    ...options.eventbrite,
  })
  const luma = await startLuma({
    ...common('luma'),
    credentials: [CREDENTIALS.lumaKey, ...secondSecrets('LUMA')].map((key) => ({ key, kind: 'calendar' })),
    ...options.luma,
  })
  const meetup = await startMeetup({
    ...common('meetup'),
    credentials: { accessTokens: [CREDENTIALS.meetupToken, ...secondSecrets('MEETUP').map(ofOwnClient)] },
    ...options.meetup,
    toggles: { throttleStatus: 429, ...options.meetup?.toggles },
  })
  const close = async () => {
    for (const simulator of [eventbrite, luma, meetup]) await simulator.close()
  }
  return { eventbrite, luma, meetup, close }
}

/** Each client has a limit of its own. */
const ofOwnClient = (token: string) => ({ token, clientKey: `client of ${token}`, memberId: `member of ${token}` })

/** The service's time as the simulators' port: a sleep ends early instead of rejecting. */
export function clockOf(time: Clock & Timers): SimulatorClock {
  return {
    now: () => time.now().getTime(),
    sleep: async (ms, signal) => {
      try {
        await time.sleep(ms, signal)
      } catch (error) {
        if (!signal?.aborted) throw error
      }
    },
  }
}
