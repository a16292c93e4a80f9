import { setTimeout as sleep } from 'node:timers/promises'
import { Demand, seededRandom, systemClock, type Shop } from '../../simulators/kit/index.js'
import { SystemMode } from '../../src/fail-safe/system-mode.js'
import type { HoldDto } from '../../src/sales/hold-answers.js'
import type { Listings, TestSystem } from '../support/test-system.js'

const RATES = { eventbrite: 7, luma: 9, meetup: 5 }
const PARTIES = [1, 1, 2, 2, 3]
const HOLDS_PAUSE_MS = 120
const HOLD_SECONDS = 5

/** Buyers on all three platforms and at the direct channel, until it is stopped. */
export class LoadGenerator {
  private readonly demands: Demand[]
  private readonly direct: Promise<void>
  private stopping = false
  /** How the direct channel answered: status or problem code. */
  readonly answers = new Map<string, number>()
  /** Holds that were given while their process knew it was in fail-safe mode, before and after. */
  admittedInFailSafe = 0
  /** performance.now() of the last hold that was given. */
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
    for (let turn = 0; !this.stopping; turn++) {
      const before = mode.current()
      const body = { quantity: 1 + (turn % 2), ttlSeconds: HOLD_SECONDS }
      const answer = await app.call<HoldDto & { code?: string }>('POST', `/events/${this.eventId}/holds`, {
        token,
        body,
      })
      const name = answer.body.code ?? String(answer.status)
      this.answers.set(name, (this.answers.get(name) ?? 0) + 1)
      if (answer.status === 201) {
        this.lastAdmittedAt = performance.now()
        if (before === 'FAIL_SAFE' && mode.current() === 'FAIL_SAFE') this.admittedInFailSafe += 1
        await this.settle(answer.body.id, turn)
      }
      await sleep(HOLDS_PAUSE_MS)
    }
  }

  /** Most are bought, some given up, some left to expire. */
  private async settle(id: string, turn: number): Promise<void> {
    const { app, token } = this.system
    const buyer = { name: 'Dana Direct', email: `dana.${turn}@example.com` }
    if (turn % 5 < 3) await app.call('POST', `/holds/${id}/confirm`, { token, body: { buyer } })
    else if (turn % 5 === 3) await app.call('DELETE', `/holds/${id}`, { token })
  }
}
