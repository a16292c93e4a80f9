import { setTimeout as sleep } from 'node:timers/promises'
import { Demand, seededRandom, systemClock, type Shop } from '../../simulators/kit/index.js'
import { SystemMode } from '../../src/system-mode/system-mode.js'
import type { HoldDto } from '../../src/holds/holds.dto.js'
import type { Listings, TestSystem } from '../support/service/test-system.js'

const RATES = { eventbrite: 7, luma: 9, meetup: 5 }
const PARTIES = [1, 1, 2, 2, 3]
const HOLD_INTERVAL_MS = 120
const HOLD_SECONDS = 5

/** Simulates buyers on all three platforms and on the direct channel until it is stopped. */
export class LoadGenerator {
  private readonly demands: Demand[]
  private readonly direct: Promise<void>
  private stopping = false
  /** Responses of the direct channel by status or problem code. */
  readonly responses = new Map<string, number>()
  /** Holds admitted while their instance was in fail-safe mode before and after the request. */
  admittedInFailSafe = 0
  /** performance.now() of the last admitted hold. */
  lastAdmittedAt = 0

  constructor(
    private readonly system: TestSystem,
    readonly eventId: string,
    listings: Listings,
    seed: number,
  ) {
    const { eventbrite, luma, meetup } = system
    const shops: Record<keyof typeof RATES, Shop> = {
      eventbrite: eventbrite.control.shop(listings.eventbrite),
      luma: luma.control.shop(listings.luma, luma.control.truth(listings.luma).ticketTypes[0]?.id),
      meetup: meetup.control.shop(listings.meetup),
    }
    this.demands = (['eventbrite', 'luma', 'meetup'] as const).map((name, index) => {
      const plan = { ratePerSecond: RATES[name], partySizes: PARTIES, cancelProbability: 0.1, maxBuyers: 5_000 }
      return new Demand({ random: seededRandom(seed + index), clock: systemClock }, plan, shops[name])
    })
    for (const demand of this.demands) demand.start()
    this.direct = this.sellDirectly()
  }

  get bought(): number {
    return this.demands.reduce((sum, { counts }) => sum + counts.bought, 0)
  }

  async stop(): Promise<void> {
    this.stopping = true
    await Promise.all([...this.demands.map((demand) => demand.stop()), this.direct])
  }

  private async sellDirectly(): Promise<void> {
    const { app, token } = this.system
    const mode = app.app.get(SystemMode)
    for (let index = 0; !this.stopping; index++) {
      const before = mode.current()
      const body = { quantity: 1 + (index % 2), ttlSeconds: HOLD_SECONDS }
      const response = await app.call<HoldDto & { code?: string }>('POST', `/events/${this.eventId}/holds`, {
        token,
        body,
      })
      const name = response.body.code ?? String(response.status)
      this.responses.set(name, (this.responses.get(name) ?? 0) + 1)
      if (response.status === 201) {
        this.lastAdmittedAt = performance.now()
        if (before === 'FAIL_SAFE' && mode.current() === 'FAIL_SAFE') this.admittedInFailSafe += 1
        await this.resolveHold(response.body.id, index)
      }
      await sleep(HOLD_INTERVAL_MS)
    }
  }

  /** Confirms most holds, releases some and lets some expire. */
  private async resolveHold(id: string, index: number): Promise<void> {
    const { app, token } = this.system
    const buyer = { name: 'Dana Direct', email: `dana.${index}@example.com` }
    if (index % 5 < 3) await app.call('POST', `/holds/${id}/confirm`, { token, body: { buyer } })
    else if (index % 5 === 3) await app.call('DELETE', `/holds/${id}`, { token })
  }
}
