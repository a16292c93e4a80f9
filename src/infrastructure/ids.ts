import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

/** Returns a new version 7 UUID. */
export type UuidSource = () => string

/** Random bytes are drawn for many ids at once: a call of the generator costs more than an id. */
const pool = new Uint8Array(256 * 16)
let used = pool.length
let msecs = Number.NEGATIVE_INFINITY
let sequence = 0

let uuids: UuidSource = orderedUuid

/**
 * A new id such as `evt_01932f…`: the prefix and a version 7 UUID without dashes. Text order is creation order; within a
 * millisecond, or when the clock steps back, this holds for the ids of one process.
 */
export function newId(prefix: string): string {
  return `${prefix}_${uuids().replaceAll('-', '')}`
}

/** Replaces the source of all later ids, so that a run can be repeated from its seed. Returns a function that restores it. */
export function useUuids(source: UuidSource): () => void {
  const before = uuids
  uuids = source
  return () => {
    uuids = before
  }
}

/** As `v7()` orders them: within a millisecond a sequence counts up from a random number. */
function orderedUuid(): string {
  const random = nextRandom()
  const now = Date.now()
  if (now > msecs) {
    msecs = now
    sequence = new DataView(random.buffer, random.byteOffset).getInt32(0) & 0x7fff_ffff
  } else {
    sequence = (sequence + 1) | 0
    if (sequence === 0) msecs += 1
  }
  return v7({ random, msecs, seq: sequence })
}

function nextRandom(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 16
  return pool.subarray(used - 16, used)
}
