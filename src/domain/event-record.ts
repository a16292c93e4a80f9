/** An event on sale, as recorded. Its state is derived from four instants: see `eventState`. */
export interface Event {
  id: string
  name: string
  venue: string | null
  timezone: string
  startsAt: Date
  /** Null: some hours after the start (`endOf`). */
  endsAt: Date | null
  /** Until when customers may buy directly. Null: until the start. */
  salesEndAt: Date | null
  /** The capacity in force; follows targetCapacity as soon as the platforms' confirmed caps allow it. */
  capacity: number
  targetCapacity: number
  softCapRatio: number
  safetyStockRatio: number
  /** Units freed from the safety stock that no platform gets without a release (`withheldOf`). */
  withheldUnits: number
  directWeight: number
  priceCents: number | null
  currency: string | null
  maxHeldPerCustomer: number | null
  /** Who offers free tickets to the waitlist: an operator, or the service as soon as there are some. */
  waitlistPolicy: 'MANUAL' | 'AUTOMATIC'
  /** Created on the simulated platforms of the demo. */
  demo: boolean
  /** Seats of the chart; 0: direct tickets have no seat. */
  seatCount: number
  redAlarmSince: Date | null
  pausedSince: Date | null
  closedSince: Date | null
  /** While set, caps are not rebalanced. */
  frozenSince: Date | null
  createdAt: Date
  updatedAt: Date
}
