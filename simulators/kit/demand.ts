import type { Clock } from './clock.js'
import type { Random } from './random.js'
import { BackgroundTasks } from './tasks.js'

export interface DemandPlan {
  /** Mean number of buyers per second; they arrive at random times. */
  ratePerSecond: number
  /** Party sizes to draw from; repeat a size to make it more likely. */
  partySizes: readonly number[]
  /** Share of buyers who cancel later. */
  cancelProbability: number
  /** The demand ends after this number of buyers. */
  maxBuyers: number
}

export interface SimulatedBuyer {
  name: string
  email: string
}

/** Where the buyers buy: one event of a platform. */
export interface Shop {
  /** The order's id, or null if it was rejected. */
  buy(buyer: SimulatedBuyer, partySize: number): string | null | Promise<string | null>
  cancel(orderId: string): void | Promise<void>
}

const FIRST_NAMES = ['Ada', 'Bela', 'Chidi', 'Dana', 'Elif', 'Farid', 'Greta', 'Hana', 'Ivo', 'Jun', 'Kofi', 'Lena']
const LAST_NAMES = ['Adler', 'Banda', 'Costa', 'Dietz', 'Evans', 'Farouk', 'Gomez', 'Hansen', 'Ito', 'Jansen']
const CANCEL_AFTER_MS = { min: 2_000, max: 60_000 }

/** Seeded demand for one event: buyers arrive, buy and sometimes cancel. */
export class Demand {
  readonly counts = { buyers: 0, bought: 0, rejected: 0, cancelled: 0 }
  readonly tasks = new BackgroundTasks()
  private started = false

  constructor(
    private readonly ports: { random: Random; clock: Clock },
    private readonly plan: DemandPlan,
    private readonly shop: Shop,
  ) {
    if (!(plan.ratePerSecond > 0) || plan.partySizes.length === 0) {
      throw new RangeError('demand needs a rate above 0 and at least one party size')
    }
  }

  start(): void {
    if (this.started) return
    this.started = true
    this.tasks.start((signal) => this.arrive(signal))
  }

  async stop(): Promise<void> {
    await this.tasks.stop()
  }

  private async arrive(signal: AbortSignal): Promise<void> {
    const { random, clock } = this.ports
    while (!signal.aborted && this.counts.buyers < this.plan.maxBuyers) {
      await clock.sleep((-Math.log(1 - random.next()) / this.plan.ratePerSecond) * 1_000, signal)
      if (!signal.aborted) await this.buy()
    }
  }

  private async buy(): Promise<void> {
    const { random, clock } = this.ports
    const number = (this.counts.buyers += 1)
    const name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`
    const email = `${name.toLowerCase().replace(' ', '.')}.${number}@example.com`
    const orderId = await this.shop.buy({ name, email }, random.pick(this.plan.partySizes))
    this.counts[orderId === null ? 'rejected' : 'bought'] += 1
    if (orderId === null || !random.chance(this.plan.cancelProbability)) return
    const delayMs = random.integer(CANCEL_AFTER_MS.min, CANCEL_AFTER_MS.max)
    this.tasks.start(async (signal) => {
      await clock.sleep(delayMs, signal)
      if (signal.aborted) return
      await this.shop.cancel(orderId)
      this.counts.cancelled += 1
    })
  }
}
