import type { Clock as SimulatorClock, ListingOptions, ListingRef, Simulator } from '../../simulators/kit/index.js'
import type { PlatformHttp } from '../../src/platforms/http/platform-http.js'
import type { CallContext, Listing, PlatformAdapter } from '../../src/platforms/port.js'
import type { PlatformTraits } from '../../src/platforms/traits.js'
import { ManualClock, startVirtualHttp } from './virtual-http.js'

export interface AdapterParts {
  apiUrl: string
  /** Null: not configured. */
  credential: 'accepted' | 'refused' | null
  /** Null: none is known. */
  webhookSecret: string | null
  http: PlatformHttp
  now: () => Date
  sleep: (ms: number) => Promise<void>
}

/** An adapter, its simulated platform, and the kind of listing it works on. */
export interface AdapterUnderTest {
  /** Names the adapter and the kind of listing. */
  name: string
  traits: PlatformTraits
  /** With a rate limit that the suite does not reach, and without read lag. */
  startSimulator(clock: SimulatorClock): Promise<Simulator>
  createAdapter(parts: AdapterParts): PlatformAdapter
  listing: Pick<ListingOptions, 'part' | 'ticketTypes'>
  /** Rows on one page of the platform's list of orders. */
  pageSize: number
  /** The address for webhooks; its last segment is the secret of a platform that does not sign. */
  webhookUrl: string
  /** Toggle values with which the list of orders cannot be read: `name=value`. */
  unreadableWith?: readonly string[]
  /** Toggle values with which a cap limits orders, however many tickets they have: `name=value`. */
  capsOrdersWith?: readonly string[]
}

/** Replaces an adapter, in the negative controls. */
export type Wrap = (adapter: PlatformAdapter) => PlatformAdapter

/** How far the clock moves between two actions: versions and cursors differ. */
const STEP_MS = 2_000
const DRAIN_MS = 5_000

/** One simulated platform for all tests of an adapter. */
export interface Stage {
  subject: AdapterUnderTest
  simulator: Simulator
  clock: ManualClock
}

export async function openStage(subject: AdapterUnderTest): Promise<Stage> {
  const clock = new ManualClock()
  return { subject, clock, simulator: await subject.startSimulator(clock.forSimulator) }
}

/** One listing on the simulated platform and a new adapter. */
export class Bench {
  readonly adapter: PlatformAdapter
  readonly ref: ListingRef
  private listing: Listing
  private readonly closeHttp: () => void

  constructor(
    readonly stage: Stage,
    readonly wrap: Wrap,
    capacity: number | null = 20,
    parts: Partial<AdapterParts> = {},
  ) {
    const { subject, simulator, clock } = stage
    const { http, expireCalls } = startVirtualHttp(subject.traits.platform, clock)
    simulator.onSilence(expireCalls)
    this.closeHttp = () => http.close()
    simulator.trace.clear()
    const defaults: AdapterParts = {
      apiUrl: simulator.url,
      credential: 'accepted',
      webhookSecret: null,
      http,
      now: () => clock.now(),
      sleep: (ms) => clock.sleep(ms),
    }
    this.adapter = wrap(subject.createAdapter({ ...defaults, ...parts }))
    this.ref = simulator.listings.create({ capacity, ...subject.listing })
    this.listing = this.listingOf(this.ref.eventId)
    this.pass()
  }

  get traits(): PlatformTraits {
    return this.stage.subject.traits
  }

  get simulator(): Simulator {
    return this.stage.simulator
  }

  truth() {
    return this.simulator.listings.truth(this.ref)
  }

  /** As the service would pass it. */
  current(): Listing {
    return this.listing
  }

  /** A listing of the same kind that does not exist. */
  unknownListing(id: string): Listing {
    const externalTicketClassId = this.ref.ticketTypeId === null ? null : id
    return { externalEventId: id, externalTicketClassId, acknowledgedCap: null, typeLimits: null }
  }

  private listingOf(externalEventId: string): Listing {
    const externalTicketClassId = this.ref.ticketTypeId
    return { externalEventId, externalTicketClassId, acknowledgedCap: null, typeLimits: null }
  }

  /** The service has recorded a confirmed cap. */
  acknowledge(cap: number): void {
    const { typeLimits: _, ...listing } = this.listing
    this.listing = { ...listing, acknowledgedCap: cap }
  }

  /** Orders of this many tickets, one after the other; their ids. */
  sell(...sizes: number[]): string[] {
    return sizes.map((tickets) => {
      const orderId = this.simulator.listings.sell(this.ref, tickets)
      if (orderId === null) throw new Error(`the simulator refused to sell ${tickets} tickets`)
      this.pass()
      return orderId
    })
  }

  pass(ms = STEP_MS): void {
    this.stage.clock.advance(ms)
  }

  /** Until nothing can change any more: no fault, no late write, no block. */
  async settle(): Promise<void> {
    this.simulator.faults.clear()
    await this.simulator.drain(DRAIN_MS)
    this.pass(Math.max(this.adapter.settleMs, 120_000))
  }

  /** The calls that the platform received since this bench was set up. */
  calls() {
    return this.simulator.trace.query().calls
  }

  close(): void {
    this.simulator.faults.clear()
    this.closeHttp()
  }
}

export const PROTECT: CallContext = { lane: 'protect' }
export const GROW: CallContext = { lane: 'grow' }
export const BULK: CallContext = { lane: 'bulk', state: true, count: true }
