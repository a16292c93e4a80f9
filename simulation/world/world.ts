import { MemoryDatabase } from '../../src/adapters/memory/memory-database.js'
import { balancesIn } from '../../src/adapters/memory/stock/ledger-store.js'
import type { ApiPlatform } from '../../src/domain/channel.js'
import { REBALANCING, type AllocationPolicy } from '../../src/domain/rebalancing/allocation-policy.js'
import type { Balances } from '../../src/domain/stock/ledger-account.js'
import { LockRegistry } from '../../src/infrastructure/locks/memory-locks.js'
import { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'
import {
  seededRandom,
  type FaultKnobs,
  type ListingTruth,
  type PostWebhook,
  type Random,
  type Simulator,
} from '../../simulators/kit/index.js'
import { violation, type Violation } from '../invariants/violation.js'
import type { Recorder } from '../replay/recorder.js'
import { RunTrace } from '../run/trace.js'
import type { Scenario } from '../scenario/actions.js'
import { Connections } from './connections.js'
import { Conditions, type DatabaseConditions, type RedisConditions } from './conditions.js'
import type { Environment } from './environment.js'
import { ListingTruths, type WorldListing } from './listings.js'
import { ManualListing } from './manual-listing.js'
import { ProcessKilled } from './process-killed.js'
import { Door } from './door.js'
import { DirectSales } from './direct-sales.js'
import { PaymentServer } from './payment-server.js'
import { Processes } from './processes.js'
import { SimulatedRedis } from './simulated-redis.js'
import { limitedTo, startPlatforms, type SimulatedPlatforms } from './simulated-platforms.js'

export interface WorldEvent {
  id: string
  /** More may be sold than the capacity through no act of the service. */
  excused: boolean
  /** The cap of a listing was changed on its platform. */
  changedManually: boolean
}

export interface RefusedCall {
  platform: ApiPlatform
  operation: string
}

export interface WorldOptions {
  /** Default: the service's. */
  policy?: AllocationPolicy
  /** Receives the platforms' webhooks; default: the processes. */
  post?: PostWebhook
  /** Records what the run does at its ports. */
  recorder?: Recorder | null
}

/** How long calls are in flight at most, ms. */
const IN_FLIGHT_MS = 10_000
/** How long a platform may refuse every call after one that it throttled, ms. */
const BLOCK_MS = 60_000

/** Everything that exists in a run: time, servers, platforms, processes, and what was created on them. */
export class World implements Environment {
  readonly trace: RunTrace
  readonly random: Random
  readonly database: MemoryDatabase
  readonly locks = new LockRegistry()
  readonly redis: SimulatedRedis
  readonly databaseConditions: DatabaseConditions
  readonly redisConditions: RedisConditions
  readonly processes: Processes
  readonly payments: PaymentServer
  readonly direct: DirectSales
  readonly door = new Door()
  readonly connections: Connections
  readonly events: WorldEvent[] = []
  readonly listings: WorldListing[] = []
  readonly manualListings: ManualListing[] = []
  /** No buyer begins anything new. */
  isCalm = false
  private unhandled: Violation[] = []
  /** Grows with every call and change of a platform. */
  platformChanges = 0
  private readonly truths = new ListingTruths()
  /** Of events, as of this version of their table. */
  private readonly knownBalances = new Map<string, Balances>()
  private balancesAt = -1
  private refused: RefusedCall[] = []
  /** When a platform was last made to throttle a call. */
  private readonly throttledAt = new Map<ApiPlatform, number>()
  private platformsNow: SimulatedPlatforms | null = null
  /** Without faults; reads of Meetup always lag. */
  private readonly usualKnobs = new Map<ApiPlatform, FaultKnobs>()

  private constructor(
    readonly scenario: Scenario,
    readonly time: VirtualTime,
    readonly policy: AllocationPolicy,
    readonly recorder: Recorder | null,
  ) {
    this.trace = new RunTrace(() => time.ms())
    this.random = seededRandom(scenario.seed ^ 0x5eed)
    this.database = recorder?.createDatabase(time, this.locks) ?? new MemoryDatabase(time, time, this.locks)
    this.redis = new SimulatedRedis(time, recorder)
    this.databaseConditions = new Conditions(time.ms)
    this.redisConditions = new Conditions(time.ms, () => this.processes.applyRedisOutages())
    this.processes = new Processes(this)
    this.direct = new DirectSales(this.database)
    const hasManual = scenario.events.some(({ manualWeights = [] }) => manualWeights.length > 0)
    this.connections = new Connections([
      ...(scenario.secondConnections ?? []),
      ...(hasManual ? ['MANUAL' as const] : []),
    ])
    this.payments = new PaymentServer({
      time,
      random: seededRandom(scenario.seed ^ 0xca4d),
      trace: (line) => this.trace.add(line),
      notify: (reference) => this.notifyPayment(reference),
    })
  }

  static async create(
    scenario: Scenario,
    { policy = REBALANCING, post, recorder = null }: WorldOptions = {},
  ): Promise<World> {
    const world = new World(scenario, new VirtualTime(), policy, recorder)
    const platforms = await startPlatforms({
      seed: scenario.seed,
      time: world.time,
      ...limitedTo(scenario.limits ?? {}),
      post: post ?? ((webhook, signal) => world.processes.deliver(webhook, signal)),
    })
    world.platformsNow = platforms
    for (const [platform, toggles] of Object.entries(scenario.toggles ?? {}))
      world.simulators[platform as ApiPlatform].toggles.patch(toggles)
    for (const platform of Object.keys(world.simulators) as ApiPlatform[]) {
      const { knobs } = world.simulators[platform]
      const latencyMs = scenario.latencyMs?.[platform]
      world.usualKnobs.set(platform, latencyMs === undefined ? knobs.current : knobs.patch({ latencyMs }))
      world.observe(platform)
    }
    return world
  }

  get platforms(): SimulatedPlatforms {
    if (!this.platformsNow) throw new Error('the platforms were not started')
    return this.platformsNow
  }

  get simulators(): Record<ApiPlatform, Simulator> {
    const { eventbrite, luma, meetup } = this.platforms
    return { EVENTBRITE: eventbrite, LUMA: luma, MEETUP: meetup }
  }

  addManualListing(eventId: string, channelId: string): void {
    const changed = () => (this.platformChanges += 1)
    this.manualListings.push(new ManualListing(this.manualListings.length, eventId, channelId, changed))
  }

  truthOf(listing: WorldListing): ListingTruth {
    return this.truths.of(listing)
  }

  /** Whether an open cart may be completed although the cap is reached. Luma's behaviour is a toggle of its simulator. */
  doCartsHoldSeats({ platform }: WorldListing): boolean {
    return platform !== 'LUMA' || this.platforms.luma.toggles.current.sessionHoldsCapacity === 'yes'
  }

  listingsOf(eventId: string): WorldListing[] {
    return this.listings.filter((listing) => listing.eventId === eventId)
  }

  /** As recorded by committed transactions; not to be changed. */
  balancesOf(eventId: string): Balances {
    const { changes } = this.database.balances
    if (changes !== this.balancesAt) this.knownBalances.clear()
    this.balancesAt = changes
    const known = this.knownBalances.get(eventId)
    if (known) return known
    const balances = balancesIn(this.database, null, eventId)
    this.knownBalances.set(eventId, balances)
    return balances
  }

  /** Calls that a platform refused because of its rate limit since the last time. */
  takeRefusedCalls(): RefusedCall[] {
    const taken = this.refused
    this.refused = []
    return taken
  }

  /** The sales and carts of a listing may have changed. */
  changed(platform: ApiPlatform): void {
    this.platformChanges += 1
    this.truths.forget(platform)
  }

  /** Time has passed: carts may have expired. */
  changedByTime(): void {
    this.platformChanges += 1
    this.truths.forgetAll()
  }

  /** Work of buyers and operators that continues; a failure of it is a fault of the simulation or of the service. */
  background(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.reportUnhandled(error))
  }

  /** An error that no caller handled: it would end the process in production. */
  reportUnhandled(error: unknown): void {
    if (error instanceof ProcessKilled) return
    this.unhandled.push(violation('UNHANDLED', error instanceof Error ? (error.stack ?? error.message) : String(error)))
  }

  /** What an actor has observed that does not hold. */
  report(invariant: string, detail: string): void {
    this.unhandled.push(violation(invariant, detail))
  }

  takeUnhandled(): Violation[] {
    const taken = this.unhandled
    if (taken.length > 0) this.unhandled = []
    return taken
  }

  /** The listing's cap was changed manually: more may be sold than the capacity. */
  excuse(listing: WorldListing): void {
    listing.excused = true
    const event = this.events.find(({ id }) => id === listing.eventId)
    if (event) Object.assign(event, { excused: true, changedManually: true })
  }

  /** A listing without a cap of the service may have sold more than a capacity that is lowered to this. */
  excuseUncapped(eventId: string, capacity: number): void {
    if (capacity >= (this.database.events.get(null, eventId)?.targetCapacity ?? 0)) return
    const uncapped = this.listingsOf(eventId).find(
      ({ channelId }) => this.database.channels.get(null, channelId)?.confirmedCap === null,
    )
    if (uncapped) this.excuse(uncapped)
  }

  /** A process runs that reaches PostgreSQL, and the platform responds. */
  isReachable(platform: ApiPlatform): boolean {
    const { current } = this.simulators[platform].knobs
    const usual = this.usualKnobs.get(platform)
    const isCalm = Object.entries(current).every(([knob, value]) => value === usual?.[knob as keyof typeof current])
    return isCalm && this.processes.ready().some(({ slot }) => this.databaseConditions.of(slot) === null)
  }

  /** As `isReachable`, and Redis is available to every process that runs. */
  isUndisturbed(platform: ApiPlatform): boolean {
    const ready = this.processes.ready()
    return this.isReachable(platform) && ready.every(({ slot }) => this.redisConditions.of(slot) === null)
  }

  /** Ends everything that is wrong, and starts the processes that do not run. */
  repairAll(): void {
    this.databaseConditions.endAll()
    this.redisConditions.endAll()
    this.payments.endAll()
    for (const [platform, { knobs, faults }] of Object.entries(this.simulators)) {
      faults.clear()
      knobs.patch({ ...this.usualKnobs.get(platform as ApiPlatform) })
    }
    for (let slot = 0; slot < this.scenario.processes; slot++) this.processes.start(slot)
  }

  async close(): Promise<void> {
    this.processes.close()
    await this.platforms.close()
  }

  /** I12: a notification of the payment provider that was accepted is stored. Rejects unless it was accepted. */
  private async notifyPayment(reference: string): Promise<void> {
    await this.processes.notifyPayment(reference)
    if (!this.direct.isNotified(reference))
      this.report('I12', `a notification of ${reference} was accepted and is not stored`)
  }

  private observe(platform: ApiPlatform): void {
    this.simulators[platform].trace.onEntry = (entry) => {
      this.changed(platform)
      if (!('operation' in entry)) {
        const { eventId, cap, sold, pending, cause } = entry
        this.trace.add(`${platform} ${eventId} cap ${cap} sold ${sold} carts ${pending}: ${cause}`)
        return
      }
      const { method, path, operation, status, fault } = entry
      this.trace.add(`${platform} ${method} ${path} ${status}${fault === null ? '' : ` (${fault})`}`)
      if (status !== 429) return
      const now = this.time.ms()
      if (fault !== null) this.throttledAt.set(platform, now)
      // A lower limit that the service is not configured with is known from the first response on.
      if (this.scenario.limits?.[platform]?.isConfigured === false) return
      const throttledAt = this.throttledAt.get(platform) ?? -Infinity
      // Calls that were admitted before a throttled one returned are refused with it.
      if (now - throttledAt <= IN_FLIGHT_MS) return
      if (now - throttledAt <= BLOCK_MS && this.processes.hasUninformedSince(throttledAt)) return
      this.refused.push({ platform, operation })
    }
  }
}
