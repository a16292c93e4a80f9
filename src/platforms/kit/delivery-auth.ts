import type { Delivery } from '../port.js'

/** How far the time of a signed delivery may be from ours, ms: an older one may be replayed. */
const TOLERANCE_MS = 300_000

/** The headers of a delivery by their names in lower case. */
export function headersOf({ headers }: Delivery): ReadonlyMap<string, string> {
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** `seconds`: when a delivery was signed, as Unix time in text. Null: missing, invalid, or too far from `now`. */
export function signedAt(seconds: string | undefined, now: Date): Date | null {
  if (seconds === undefined || !/^\d{1,12}$/.test(seconds)) return null
  const instant = new Date(Number(seconds) * 1_000)
  return Math.abs(now.getTime() - instant.getTime()) <= TOLERANCE_MS ? instant : null
}
