import type { Bucket } from './budget.js'
import type { BucketReply, KnownBucket } from './shared-levels.js'
import type { BucketCall, BucketCommand } from './shared-limiter.js'
import { DUE_BULK_RANK, isBulkRank, WaitQueue } from './wait-queue.js'

const REFUNDABLE_MS = 60_000
/** How long the processes have to report the level of a lost bucket. */
const REPORT_MS = 3_000
const KEEP_MS = 30 * 86_400_000

interface Fill {
  level: number
  /** As of when, ms. */
  at: number
  /** The part of the level that is only assumed. */
  assumed: number
  /** Last grant to `grow` and to `bulk`: those have a floor. */
  grownAt: number
  bulkAt: number
  /** Last time the level was 0. */
  emptiedAt: number
  blockedUntil: number
  /** Time of creation: distinguishes this bucket from a lost one. */
  born: number
  /** Whether a process has reported the level of the lost bucket. */
  reported: boolean
  /** Whether a process may not live to report its usage: what the others report is not all. */
  missing: boolean
  /** Number of changes: a smaller one than a caller knows shows that the server was set back. */
  version: number
}

type Result = Pick<BucketReply, 'done' | 'value'>

/** One bucket of `lua/leaky-bucket.lua`, step by step the same. Times are ms on the clock of the server. */
export class SharedBucket {
  private fill: Fill | null = null
  private sequence = 0
  /** Reservations that can still be refunded: their weight and time. */
  private open = new Map<string, { weight: number; at: number }>()
  private queue = new WaitQueue()

  execute(bucket: Bucket, command: BucketCommand, known: KnownBucket, now: number): BucketReply {
    const fill = this.fillBy(bucket, known, now)
    const { done, value } = this.apply(fill, bucket, command, now)
    // An unknown reservation changes nothing.
    if (done || command.verb !== 'refund') this.fill = fill
    const { level, assumed, born, version, blockedUntil } = fill
    const blockedForMs = Math.max(0, blockedUntil - now)
    return {
      done,
      value,
      level: asPrinted(level),
      assumed: asPrinted(assumed),
      born: String(born),
      version,
      blockedForMs,
    }
  }

  copy(): SharedBucket {
    const copy = new SharedBucket()
    copy.fill = this.fill && { ...this.fill }
    copy.sequence = this.sequence
    copy.open = new Map(this.open)
    copy.queue = this.queue.copy()
    return copy
  }

  private apply(fill: Fill, bucket: Bucket, command: BucketCommand, now: number): Result {
    if (command.verb === 'peek') return { done: true, value: Math.max(0, this.waitFor(fill, bucket, command, now)) }
    if (command.verb === 'acquire') {
      const wait = this.waitFor(fill, bucket, command, now)
      return wait > 0 ? this.refuse(fill, command, wait, now) : this.grant(fill, command, now)
    }
    if (command.verb === 'refund') return { done: this.refund(fill, command.reservation, now), value: '' }
    fill.version += 1
    if (command.verb === 'block') {
      fill.blockedUntil = Math.max(fill.blockedUntil, now + Math.min(bucket.maxBlockMs, command.forMs))
    } else if (command.verb === 'observe') {
      fill.level = Math.max(fill.level - fill.assumed, command.level)
      fill.assumed = 0
    } else charge(fill, bucket, command)
    return { done: true, value: '' }
  }

  /**
   * The bucket by now. A missing one starts full of assumed usage; what a process knew of the lost one replaces
   * that, unless it only assumed it, too: otherwise two losses would turn an assumption into a charge.
   */
  private fillBy({ burst, rate, maxBlockMs }: Bucket, known: KnownBucket, now: number): Fill {
    const created = { level: burst, at: now, assumed: burst, born: now, reported: false, missing: false }
    const kept = this.fill && now - this.fill.at < KEEP_MS ? this.fill : null
    const found = kept ?? { ...created, grownAt: now, bulkAt: now, emptiedAt: 0, blockedUntil: 0, version: 0 }
    const isSetBack = known !== null && Number(known.born) === found.born && known.version > found.version
    const stored = isSetBack ? { ...found, ...created } : found
    // A clock that was set back leaks nothing, and must not extend times measured before.
    const leaked = Math.max(0, now - stored.at) * rate
    const fill: Fill = {
      level: Math.max(0, stored.level - leaked),
      at: now,
      assumed: Math.max(0, stored.assumed - leaked),
      grownAt: Math.min(stored.grownAt, now),
      bulkAt: Math.min(stored.bulkAt, now),
      emptiedAt: leaked >= stored.level ? now : stored.emptiedAt,
      blockedUntil: Math.min(stored.blockedUntil, now + maxBlockMs),
      born: Math.min(stored.born, now),
      reported: stored.reported,
      missing: stored.missing,
      version: stored.version,
    }
    if (known && Number(known.born) !== fill.born) {
      const certain = Math.max(fill.level - fill.assumed, known.level - known.assumed)
      fill.assumed = Math.max(0, Math.min(fill.assumed, burst - certain))
      fill.level = certain + fill.assumed
      fill.reported ||= known.assumed === 0 && !fill.missing
    }
    if (fill.reported && now - fill.born >= REPORT_MS) {
      fill.level -= fill.assumed
      fill.assumed = 0
    }
    return fill
  }

  private waitFor(
    { level, assumed, reported, born, grownAt, bulkAt, blockedUntil }: Fill,
    { burst, rate }: Bucket,
    { weight, rule: { ceiling, startBelow, floorMs, rank }, waiter }: BucketCall,
    now: number,
  ): number {
    const ahead = this.queue.ahead(waiter, rank, now)
    const without = (ignored: number) => {
      let wait = Math.max(0, (level - ignored + ahead.all + weight - ceiling) / rate)
      if (startBelow !== null) wait = Math.max(wait, (level - assumed - startBelow) / rate)
      // Only for the first call of its lane: otherwise light calls could overtake a heavy one.
      if (floorMs !== null && ahead.lane === 0) {
        const due = isBulkRank(rank)
          ? Math.max(bulkAt + floorMs - now, (level - ignored + ahead.beforeGrow + weight - ceiling) / rate)
          : Math.max(grownAt + floorMs - now, (level - ignored + weight - burst) / rate)
        wait = Math.min(wait, due)
      }
      return wait
    }
    const wait = without(0)
    const afterReports = Math.max(born + REPORT_MS - now, without(assumed))
    return Math.ceil(Math.max(reported && assumed > 0 ? Math.min(wait, afterReports) : wait, blockedUntil - now))
  }

  private refuse({ bulkAt }: Fill, { weight, rule, waiter }: BucketCall, wait: number, now: number): Result {
    const due = isBulkRank(rule.rank) && rule.floorMs !== null && now >= bulkAt + rule.floorMs
    const isFirst = due && this.queue.ahead(waiter, rule.rank, now).lane === 0
    this.queue.join(waiter, isFirst ? DUE_BULK_RANK : rule.rank, weight, now + wait)
    return { done: false, value: wait }
  }

  private grant(fill: Fill, { weight, rule, waiter }: BucketCall, now: number): Result {
    this.queue.leave(waiter)
    fill.level += weight
    fill.version += 1
    if (isBulkRank(rule.rank)) fill.bulkAt = now
    else if (rule.floorMs !== null) fill.grownAt = now
    for (const [id, { at }] of this.open) if (at <= now - REFUNDABLE_MS) this.open.delete(id)
    const reservation = `${now}-${++this.sequence}-${weight}`
    this.open.set(reservation, { weight, at: now })
    return { done: true, value: reservation }
  }

  /** If the bucket has been empty since, the charge has leaked out: a refund would reduce later charges. */
  private refund(fill: Fill, reservation: string, now: number): boolean {
    const reserved = this.open.get(reservation)
    if (!reserved) return false
    this.open.delete(reservation)
    fill.version += 1
    const { weight, at } = reserved
    if (now - at <= REFUNDABLE_MS && fill.emptiedAt <= at) fill.level = Math.max(0, fill.level - weight)
    return true
  }
}

/** What is reported is part of what was assumed. */
function charge(fill: Fill, { burst }: Bucket, { units, isAll }: { units: number; isAll: boolean }): void {
  const certain = fill.level - fill.assumed + units
  const rest = Math.max(0, burst - certain)
  fill.assumed = isAll ? Math.min(fill.assumed, rest) : rest
  fill.level = certain + fill.assumed
  if (isAll) return
  fill.missing = true
  fill.reported = false
}

/** With three decimals as the script prints it: halves to the even digit. */
function asPrinted(level: number): number {
  const rounded = Number(level.toFixed(3))
  const isHalf = Number.isInteger(level * 16) && !Number.isInteger(level * 8)
  return isHalf && Math.round(rounded * 1_000) % 2 === 1 ? (Math.round(rounded * 1_000) - 1) / 1_000 : rounded
}
