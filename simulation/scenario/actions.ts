import type { RedisOutage } from '../../src/adapters/memory/memory-redis.js'
import type { ApiPlatform } from '../../src/domain/channel.js'
import type { Fault, FaultKnobs } from '../../simulators/kit/index.js'
import type { PausePoint } from '../world/steps.js'

/** One event with its listings. Listings are named by their position in all events: 0, 1, … */
export interface EventPlan {
  capacity: number
  directWeight: number
  /** Undefined: direct tickets cost nothing. */
  priceCents?: number
  /** Undefined: customers may hold any number. */
  maxHeldPerCustomer?: number
  /** Seats of the chart; undefined: direct tickets have none. */
  seats?: number
  /** Default: MANUAL. */
  waitlistPolicy?: 'MANUAL' | 'AUTOMATIC'
  listings: ListingPlan[]
  /** Weights of listings without an API, which a person keeps. Named by their position in all events, apart from the others. */
  manualWeights?: number[]
}

export interface ListingPlan {
  platform: ApiPlatform
  weight: number
  /** The organizer's own cap when the service imports the listing; null: unlimited. */
  capacity: number | null
  /** Tickets sold before that. */
  alreadySold: number
  /** The organizer approves each buyer there. */
  requireApproval?: boolean
  /** On the account of the platform's second connection, where the scenario has one. */
  onSecondConnection?: boolean
}

/** What buyers do. `listing`: position in the scenario. Where the organizer approves buyers, a purchase is an application. */
export type BuyerAction =
  /** `elsewhere`: another listing, on which a buyer tries again who is refused. */
  | { kind: 'buy'; listing: number; tickets: number; elsewhere?: number }
  | { kind: 'open-cart'; listing: number; tickets: number }
  /** The oldest open cart. */
  | { kind: 'complete-cart'; listing: number }
  /** `order`: picks one of the listing's orders, 0 to below 1. */
  | { kind: 'cancel-order'; listing: number; order: number }
  | { kind: 'change-order'; listing: number; order: number }
  /** One ticket of it. */
  | { kind: 'cancel-ticket'; listing: number; order: number }
  /** Another buyer takes it over: the platform cancels it, and sells as many tickets at once. */
  | { kind: 'transfer-order'; listing: number; order: number }
  /** Buys, or waits for tickets where the listing is sold out. */
  | { kind: 'buy-or-wait'; listing: number; tickets: number }
  | HoldAction

/**
 * The outcome of an application. The organizer approves it while there is room under the cap in force, or regardless of
 * it (`overrule`), where the platform permits that.
 */
export interface ApplicationAction {
  kind: 'decide-application'
  listing: number
  /** Picks one that waits, 0 to below 1. */
  application: number
  decision: 'approve' | 'overrule' | 'decline' | 'withdraw'
}

/** Tickets held in the service itself, and their outcome `afterMs` later. */
export interface HoldAction {
  kind: 'hold'
  event: number
  quantity: number
  outcome: 'confirm' | 'release' | 'expire'
  afterMs: number
  /** One of a few. Default 0. */
  customer?: number
  ttlSeconds?: number
  /** Used where the event has a price. */
  card?: Card
  /** After its start an operator records the payment as failed; undefined: none does. */
  abandonAfterMs?: number
  /** Where in the chart the seats are, 0 to below 1. */
  seat?: number
}

/** Someone who joins a waitlist, and what they do with each offer, some time after its mail. */
export interface JoinAction {
  kind: 'join-waitlist'
  event: number
  /** One of a few, with an address of their own. */
  person: number
  quantity: number
  response: 'accept' | 'decline' | 'ignore'
  afterMs: number
  /** When they confirm their address, after the mail; undefined: they never do. */
  verifyAfterMs?: number
  /** When they leave if they are still on the waitlist, after joining; undefined: they stay. */
  leaveAfterMs?: number
  /** Used where the event has a price. */
  card: Card
}

/** How the payment provider decides: at once, or after a while. */
export type Card = 'approve' | 'decline' | 'slow' | 'slow-decline'

/** Calls that fail with this probability: without effect, or after it. */
export interface PaymentFault {
  what: 'unreachable' | 'response-lost'
  share: number
}

/** What operators do, in the service or on a platform. */
export type OperatorAction =
  | { kind: 'set-platform-cap'; listing: number; change: number }
  | { kind: 'pause-channel' | 'resume-channel'; listing: number }
  | { kind: 'pause-event' | 'resume-event' | 'reopen-event'; event: number }
  | { kind: 'change-capacity'; event: number; to: number }
  | { kind: 'force-fail-safe' | 'release-fail-safe' }
  | { kind: 'reconcile' }
  /** Of the second connection. */
  | { kind: 'replace-credentials'; platform: ApiPlatform }
  /** `entry`: picks one that is waiting or has an offer, 0 to below 1. */
  | { kind: 'offer-to-entry'; entry: number; ttlSeconds: number }
  | { kind: 'remove-entry'; entry: number }
  | { kind: 'move-entry'; entry: number; position: number }
  | { kind: 'sell-safety-stock'; event: number; quantity: number }
  | ReleaseAction
  | CancelOrderAction
  | ListingAction

export const LISTING_ACTIONS = ['detach-listing', 'attach-listing-again', 'move-listing', 'add-listing'] as const

/** Which listings an event has. `listing`: position; those that are added follow all others. */
export type ListingAction =
  | { kind: 'detach-listing' | 'attach-listing-again'; listing: number }
  /** The platform gives it another id, and an operator enters that. */
  | { kind: 'move-listing'; listing: number }
  | { kind: 'add-listing'; event: number; plan: ListingPlan }

/** One operator requests the release of safety stock to a listing's channel, and another decides it `afterMs` later. */
export interface ReleaseAction {
  kind: 'release-safety-stock'
  listing: number
  quantity: number
  decision: 'approve' | 'reject'
  afterMs: number
}

/** Staff cancel a direct order. */
export interface CancelOrderAction {
  kind: 'cancel-direct-order'
  /** Picks one that is placed, 0 to below 1. */
  order: number
  /** Requests at the same time, and whether each is for a refund, too. */
  refunds: boolean[]
}

/** What happens at the door of an event, and where the organizer checks in on a platform. */
export type DoorAction =
  /** `order`: picks one of the listing's orders, 0 to below 1. */
  | { kind: 'check-in-on-platform'; listing: number; order: number }
  /** `ticket`: picks one that is valid, 0 to below 1; it is scanned by each of these phones. */
  | { kind: 'scan-ticket'; event: number; ticket: number; by: 'code' | 'ticket'; phones: PhoneScan[] }
  | { kind: 'take-back-check-in'; event: number; ticket: number }
  /** `number`: of the walk-in, which its retries have in common. */
  | {
      kind: 'walk-in'
      event: number
      quantity: number
      from: 'COUNT' | 'SAFETY'
      reportedAfterMs: number
      number: number
    }
  | { kind: 'take-back-walk-in'; walkIn: number }

export interface PhoneScan {
  /** Null: staff at a screen, who check in now. */
  phone: number | null
  /** When it scans, after the action, and how much later it reports that. */
  afterMs: number
  reportedAfterMs: number
  /** How often it reports it: a response was lost. */
  reports: number
}

/** What happens on a listing without an API. `manual`: position among those. */
export type ManualAction =
  | { kind: 'sell-on-manual-listing' | 'cancel-on-manual-listing'; manual: number; tickets: number }
  /** A person sets the cap that is requested now, and confirms it later, with the sales of then. */
  | { kind: 'keep-manual-listing'; manual: number; setAfterMs: number; confirmAfterMs: number }
  | { kind: 'detach-manual-listing'; manual: number }

/** What breaks. `process`: position; those that do not run are left alone. */
export type FaultAction =
  | { kind: 'kill-process'; process: number; afterSteps: number; moment: 'before' | 'after'; restartAfterMs: number }
  /** None of its steps runs for this time; `point`: from one of its next calls on. `keptMs`: servers then drop its connections; it notices this long after the pause. */
  | {
      kind: 'pause-process'
      process: number
      forMs: number
      keptMs: number
      noticedAfterMs: number
      point: PausePoint | null
    }
  /** PostgreSQL drops its connections, and with them its locks, while it continues; `noticedAfterMs`: until it notices. */
  | { kind: 'connections-lost'; process: number; noticedAfterMs: number }
  | { kind: 'redis-outage'; outage: RedisOutage; forMs: number }
  | { kind: 'redis-lost' | 'redis-failed-over' }
  /** After this time a replica becomes the master that has received nothing since the action. */
  | { kind: 'redis-rolled-back'; afterMs: number }
  | { kind: 'redis-unreachable'; process: number; outage: RedisOutage; forMs: number }
  | { kind: 'database-down'; forMs: number }
  | { kind: 'database-unreachable'; process: number; forMs: number }
  | { kind: 'lost-results'; process: number; forMs: number; share: number }
  | { kind: 'clock-jump'; process: number; byMs: number }
  | { kind: 'platform-faults'; platform: ApiPlatform; forMs: number; knobs: Partial<FaultKnobs> }
  /** The platform sells beyond its cap, which none does: it shows that the simulation finds it. */
  | { kind: 'oversell'; listing: number; tickets: number }
  /** Those of the second connection, until they are replaced. */
  | { kind: 'credentials-revoked'; platform: ApiPlatform }
  | { kind: 'scripted-fault'; platform: ApiPlatform; fault: Fault }
  | ({ kind: 'payment-faults'; forMs: number } & PaymentFault)

export type Action = { atMs: number } & (
  BuyerAction | ApplicationAction | JoinAction | OperatorAction | DoorAction | ManualAction | FaultAction
)

/** What a platform grants, in calls, or points on Meetup. */
export interface PlatformLimit {
  limit: number
  windowSeconds: number
  /** Whether the service is configured with it; otherwise it learns it from responses. */
  isConfigured: boolean
}

/** Everything that happens in a run: the same scenario gives the same run. */
export interface Scenario {
  seed: number
  /** Undocumented behaviours of the platforms that differ from the defaults of their simulators. */
  toggles?: Partial<Record<ApiPlatform, Record<string, unknown>>>
  /** How long calls take; omitted: no time. */
  latencyMs?: Partial<Record<ApiPlatform, FaultKnobs['latencyMs']>>
  /** Lower limits than the documented ones. */
  limits?: Partial<Record<ApiPlatform, PlatformLimit>>
  events: EventPlan[]
  /** Platforms on which the service has a second account. */
  secondConnections?: ApiPlatform[]
  processes: number
  /** How long actions take place, ms; the calm phase follows. */
  activeMs: number
  /** By ascending time. */
  actions: Action[]
}
