const KEY = 'traffic-police-clock'
/** The header has whole seconds: on average, half of one has passed. */
const HALF_SECOND_MS = 500
/** Differences below this are the header's own, ms. */
const NOISE_MS = 1_000

let offset = Number(localStorage.getItem(KEY) ?? 0)

/** Takes the service's time from a response; kept for when there is no connection. */
export function noteServerTime(date: string | null, sentAt: number): void {
  const time = Date.parse(date ?? '')
  if (Number.isNaN(time)) return
  const measured = time + HALF_SECOND_MS - (sentAt + Date.now()) / 2
  if (Math.abs(measured - offset) < NOISE_MS) return
  offset = Math.round(measured)
  localStorage.setItem(KEY, String(offset))
}

/** The time at the service: clocks of phones differ, and the first scan in time counts. */
export function serverNow(): Date {
  return new Date(Date.now() + offset)
}
