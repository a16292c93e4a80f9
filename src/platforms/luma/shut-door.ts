import type { ChannelMode } from '../../domain/channel.js'
import type { Failure, Outcome } from '../port.js'
import { afterWrite, ok } from './answers.js'
import { soldMeanwhile, type Held } from './held.js'
import { isRefused } from './write-steps.js'

/** Writes one cap that alone stops sales. The value is the cap that stands. 1 call. */
export type Door = (cap: number) => Promise<Outcome<number>>

export interface Shut {
  cap: number
  /** `UNKNOWN`: Luma may sell a few more before it reaches the cap. */
  mode: Exclude<ChannelMode, 'OPEN'>
  /** What Luma counts, where the caps that it refused and took told; null: nothing was counted. */
  sold: number | null
}

export interface ShutPorts {
  door: Door
  /** What Luma holds places for, applicants included. O(guests) calls. */
  count: () => Promise<Outcome<Held>>
  /** The cap known to be in force: never exceeded. Infinity: none is known. */
  inForce: number
  /** Whether time is up for anything but the most needed. */
  isLate: () => boolean
}

/** How far above a refused cap Luma's count is looked for: it has sold a few more, or many. */
const STEPS = [2, 6, 16, 40, 100, 250]
/** Caps tried between the largest one refused and the smallest one taken. */
const MAX_BISECTIONS = 4
/** Sold while guests are counted, with room to spare. */
const MARGIN = 5

/**
 * Writes `known`, what the caller takes for sold. Where Luma refuses it for being below its own count, that count is
 * found by the caps that it refuses and takes: a few calls however many guests there are, and the first one taken
 * stops sales. Sales that go on meanwhile end there at the latest.
 */
export async function shutDoor(ports: ShutPorts, known: number): Promise<Outcome<Shut>> {
  const first = await ports.door(known)
  if (first.kind === 'OK') return ok({ cap: first.value, mode: 'WAITLIST_ONLY', sold: null })
  if (!isRefused(first)) return first
  let refused = known
  for (const cap of candidates(known, ports.inForce)) {
    const written = await ports.door(cap)
    if (written.kind === 'OK') return bisect(ports, refused, written.value)
    if (!isRefused(written)) return written
    refused = Math.max(refused, cap)
  }
  return shutAtCount(ports, refused, first)
}

function candidates(known: number, inForce: number): number[] {
  const above = STEPS.map((step) => known + step).filter((cap) => cap < inForce)
  return Number.isFinite(inForce) ? [...above, inForce] : above
}

/** `refused` is below Luma's count, `taken` is not. */
async function bisect({ door, isLate }: ShutPorts, refused: number, taken: number): Promise<Outcome<Shut>> {
  for (let tries = 0; tries < MAX_BISECTIONS && taken - refused > 1 && !isLate(); tries++) {
    const middle = Math.floor((refused + taken) / 2)
    const written = await door(middle)
    if (written.kind === 'OK') taken = written.value
    else if (isRefused(written)) refused = middle
    else if (written.kind === 'THROTTLED' || written.kind === 'NOT_SENT') break
    else return afterWrite(written)
  }
  const full = taken - refused <= 1
  return ok({ cap: taken, mode: full ? 'WAITLIST_ONLY' : 'UNKNOWN', sold: full ? taken : null })
}

/** Far more is held than the caller knows of, such as places for applicants. */
async function shutAtCount({ door, count, inForce }: ShutPorts, refused: number, why: Failure): Promise<Outcome<Shut>> {
  const held = await count()
  if (held.kind !== 'OK') return soldMeanwhile(null, 'what Luma counts could not be read')
  const { sold, inCheckout, applicants } = held.value
  const taken = sold + inCheckout + applicants
  if (taken <= refused) return why
  const cap = taken + MARGIN
  if (cap > inForce) return soldMeanwhile(held.value, `Luma holds ${taken} places, the cap in force is ${inForce}`)
  const written = await door(cap)
  if (written.kind === 'OK') return ok({ cap: written.value, mode: 'UNKNOWN', sold: null })
  return isRefused(written) ? soldMeanwhile(held.value, `Luma refuses a cap of ${cap} as well`) : written
}
