import type { AuthenticatedUser } from '../../src/accounts/authenticated-user.js'
import { HoldAccess } from '../../src/holds/hold-access.js'
import type { HoldDto } from '../../src/holds/holds.dto.js'
import { HoldAdmission } from '../../src/holds/creation/hold-admission.js'
import { HoldCheckout } from '../../src/payments/checkout/hold-checkout.js'
import type { HoldAction } from '../scenario/actions.js'
import type { World } from '../world/world.js'
import { abandonPayment } from './abandoned-payments.js'
import { request } from './client.js'

const TTL_SECONDS = 60
const POLL_MS = 3_000
const POLLS = 400

/** Buys in the service itself: holds tickets, and later confirms the hold, releases it or lets it expire. */
export function holdTickets(world: World, action: HoldAction): void {
  const event = world.events[action.event]
  if (event) world.background(new DirectPurchase(world, action, event.id).run())
}

class DirectPurchase {
  private readonly customer: AuthenticatedUser
  private readonly key: string

  constructor(
    private readonly world: World,
    private readonly action: HoldAction,
    private readonly eventId: string,
  ) {
    const id = `customer-${action.customer ?? 0}`
    this.customer = {
      id,
      email: `${id}@example.com`,
      name: id,
      role: 'CUSTOMER',
      sessionId: 'simulated',
      emailVerified: true,
    }
    this.key = `purchase-${world.direct.nextPurchase()}`
  }

  async run(): Promise<void> {
    const { world, action } = this
    const id = await this.hold()
    if (id === null) return
    await world.time.sleep(action.afterMs)
    if (action.outcome === 'confirm') await this.confirm(id)
    else if (action.outcome === 'release') await this.release(id)
  }

  /** The id of the hold; null: refused. */
  private async hold(): Promise<string | null> {
    const { world, eventId, key, customer } = this
    const { quantity, ttlSeconds = TTL_SECONDS } = this.action
    const seats = this.seats()
    const body = { ttlSeconds, ...(seats.length > 0 ? { seats } : { quantity }) }
    let recorded = null as string | null
    const response = await request(
      world,
      `hold ${quantity}`,
      (process) => process.get(HoldAdmission).admit(eventId, body, key, customer),
      () => (recorded ??= this.recordedHold()),
    )
    if (response.kind === 'DONE') {
      const { id } = response.value.hold
      if (recorded !== null && recorded !== id) world.report('I5', `${key} has the hold ${recorded} and then ${id}`)
      return id
    }
    if (response.kind === 'REFUSED' && recorded !== null)
      world.report('I5', `${key} has the hold ${recorded} and is then refused: ${response.code}`)
    return null
  }

  private async confirm(id: string): Promise<void> {
    const { world, customer, action } = this
    const buyer = { name: customer.name, email: customer.email }
    const payment = { token: action.card ?? 'approve' }
    let wasSold = false as boolean
    const response = await request(
      world,
      `confirm ${id}`,
      (process) => process.get(HoldCheckout).confirm(id, { buyer, payment }, customer),
      () => (wasSold ||= world.database.holds.get(null, id)?.state === 'CONFIRMED'),
    )
    if (response.kind === 'REFUSED' && wasSold) world.report('I5', `${id} is sold and then refused: ${response.code}`)
    if (response.kind !== 'DONE') return
    const hold = response.value.state === 'PAYMENT_PENDING' ? await this.paid(id) : response.value
    if (hold?.state === 'CONFIRMED') world.direct.promise(id, hold.tickets ?? [])
  }

  private async release(id: string): Promise<void> {
    const { customer } = this
    await request(this.world, `release ${id}`, (process) => process.get(HoldAccess).release(id, customer))
  }

  /** The hold once its payment has ended; null: it has not. */
  private async paid(id: string): Promise<HoldDto | null> {
    const { abandonAfterMs } = this.action
    if (abandonAfterMs !== undefined) this.world.background(abandonPayment(this.world, id, abandonAfterMs))
    for (let poll = 0; poll < POLLS; poll++) {
      await this.world.time.sleep(POLL_MS)
      const response = await request(this.world, `read ${id}`, (process) =>
        process.get(HoldAccess).get(id, this.customer),
      )
      if (response.kind !== 'DONE') return null
      if (response.value.state !== 'PAYMENT_PENDING') return response.value
    }
    return null
  }

  /** Adjacent ones; none for an event without a chart. */
  private seats(): string[] {
    const { quantity, seat = 0, event } = this.action
    const count = this.world.scenario.events[event]?.seats ?? 0
    const first = Math.floor(seat * Math.max(1, count - quantity + 1))
    return count < quantity ? [] : Array.from({ length: quantity }, (_, index) => seatLabel(first + index + 1))
  }

  private recordedHold(): string | null {
    const { eventId, customer, key } = this
    return this.world.direct.holdOf(eventId, customer.id, key)?.id ?? null
  }
}

const SECTION = 'Hall'
const ROW = 'A'

/** A chart with one row. */
export const chartOf = (count: number) => [{ section: SECTION, rows: [{ row: ROW, count }] }]

const seatLabel = (number: number) => `${SECTION}-${ROW}-${number}`
