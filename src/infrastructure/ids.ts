import { randomBytes } from 'node:crypto'

const COUNTER_LIMIT = 0x1000

let lastMs = 0
let counter = 0

/**
 * A new id such as `evt_01932f…`: the prefix and a version 7 UUID without dashes. Text order is creation order; within a
 * millisecond this holds for the ids of one process.
 */
export function newId(prefix: string, nowMs: number = Date.now()): string {
  if (nowMs > lastMs) {
    lastMs = nowMs
    counter = 0
  } else if (++counter === COUNTER_LIMIT) {
    lastMs += 1
    counter = 0
  }
  const random = randomBytes(8)
  random[0] = (random[0]! & 0x3f) | 0x80
  const time = lastMs.toString(16).padStart(12, '0')
  return `${prefix}_${time}7${counter.toString(16).padStart(3, '0')}${random.toString('hex')}`
}
