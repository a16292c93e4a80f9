import { ValidationFailed } from '../domain/errors.js'
import { countSeats, MAX_SEATS, repeatedSeat, seatLabels, type SeatSection } from '../domain/events/seat-chart.js'

/** The labels of a chart in order. Throws ValidationFailed when it is too large or two seats have the same label. */
export function seatsOf(chart: readonly SeatSection[], capacity: number): string[] {
  const count = countSeats(chart)
  if (count > MAX_SEATS) throw ValidationFailed.of('seats', `has ${count} seats, at most ${MAX_SEATS} are allowed`)
  if (count > capacity) throw ValidationFailed.of('seats', `has ${count} seats, more than the capacity of ${capacity}`)
  const seats = seatLabels(chart)
  const repeated = repeatedSeat(seats)
  if (repeated !== null) throw ValidationFailed.of('seats', `has the seat ${repeated} twice`)
  return seats
}
