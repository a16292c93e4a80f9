import { Injectable } from '@nestjs/common'
import { CapSync } from '../channels/cap-sync.js'
import { ChannelJobs } from '../channels/channel-jobs.js'
import { channelStateOf } from '../channels/channel-state.js'
import { ListingReadings } from '../channels/listing-readings.js'
import { READ_LAG_MS } from '../channels/recount.js'
import type { Platform } from '../domain/channel.js'
import { nextWrite } from '../domain/next-write.js'
import type { Channel } from '../generated/prisma/client.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { Platforms } from '../platforms/platforms.js'
import type { Outcome } from '../platforms/port.js'
import { capDrifts } from './cap-drifts.js'
import type { Drift } from './drift.js'
import { unreadable, type CheckOptions } from './order-check.js'
import { patiently, reasonOf } from './retry-while-throttled.js'
import { pause } from './run-deadline.js'

/** How long a channel may be busy with a write of its own, and how long a correction may take, ms. */
const BUSY_MS = 15_000
const CORRECT_MS = 20_000
const LOOK_MS = 300

/**
 * Compares a platform's cap and mode with what is on record. What the platform shows is recorded first, so that
 * exposure is true at once; then the cap sync brings the platform back to what is wanted.
 */
@Injectable()
export class CapCheck {
  constructor(
    private readonly prisma: PrismaService,
    private readonly locks: AdvisoryLock,
    private readonly platforms: Platforms,
    private readonly readings: ListingReadings,
    private readonly sync: CapSync,
    private readonly jobs: ChannelJobs,
  ) {}

  /** @throws Stopped */
  async check(channelId: string, { dryRun, sink, signal }: CheckOptions): Promise<void> {
    const channel = await this.prisma.channel.findUniqueOrThrow({ where: { id: channelId } })
    // Waiting for budget holds no lock: a red alarm must be able to close the platform meanwhile.
    const compared = await patiently(() => this.compareLocked(channelId, dryRun, signal), signal)
    const found =
      compared.kind === 'OK'
        ? compared.value
        : [unreadable(channel, `Cap and mode could not be read: ${reasonOf(compared)}.`)]
    if (found.length === 0) return
    const open = dryRun || found.every(({ kind }) => kind === 'UNREADABLE')
    const corrected = open ? false : await this.correct(channelId, signal)
    const shown = corrected && found.some(isUnconfirmed) ? await this.showsWhatIsWanted(channelId, signal) : corrected
    await sink(
      found.map((drift) => ({
        ...drift,
        corrected: isUnconfirmed(drift) ? shown : corrected && drift.kind !== 'UNREADABLE',
      })),
    )
  }

  /** What is confirmed need not have an effect: no opening has one where the organizer has ended the sales. */
  private async showsWhatIsWanted(channelId: string, signal: AbortSignal): Promise<boolean> {
    await pause(READ_LAG_MS, signal)
    const again = await patiently(() => this.compareLocked(channelId, true, signal), signal)
    return again.kind === 'OK' && !again.value.some(isUnconfirmed)
  }

  /** Under the lock of the cap sync, so that no write passes between the record and the reading. */
  private async compareLocked(channelId: string, dryRun: boolean, signal: AbortSignal): Promise<Outcome<Drift[]>> {
    const deadline = Date.now() + BUSY_MS
    for (;;) {
      const compared = await this.locks.tryWith(`channel:${channelId}`, () => this.compare(channelId, dryRun))
      if (compared) return compared
      // A channel that is written all the time is compared by those writes.
      if (Date.now() > deadline) return { kind: 'OK', value: [] }
      await pause(LOOK_MS, signal)
    }
  }

  private async compare(channelId: string, dryRun: boolean): Promise<Outcome<Drift[]>> {
    const channel = await this.prisma.channel.findUniqueOrThrow({ where: { id: channelId } })
    const adapter = this.platforms.get(channel.platform as Platform)
    const read = await this.readings.read(channel, adapter, { lane: 'bulk' })
    if (read.kind !== 'OK') return read
    // A write of unknown outcome is settled by the cap sync; what is read meanwhile is one of its two ends.
    if (channel.unconfirmedCap !== null) return { kind: 'OK', value: [] }
    const drifts = capDrifts(channel, await this.isInStep(channel), read.value)
    // What is found here stands in the run's report.
    if (!dryRun) await this.readings.record(channel, read.value, { silent: true })
    return { kind: 'OK', value: drifts }
  }

  /** Whether, by what is on record, the platform is as it should be. */
  private async isInStep(channel: Channel): Promise<boolean> {
    const row = await this.prisma.balance.findUniqueOrThrow({ where: { eventId: channel.eventId } })
    return nextWrite(channelStateOf(channel, balancesOf(row)), 0).kind !== 'WRITE'
  }

  /** True once the platform confirms what is wanted. */
  private async correct(channelId: string, signal: AbortSignal): Promise<boolean> {
    const deadline = Date.now() + CORRECT_MS
    for (;;) {
      const result = await this.sync.sync(channelId)
      const channel = await this.prisma.channel.findUniqueOrThrow({ where: { id: channelId } })
      if (result.done) {
        this.jobs.hurry(channel.eventId)
        if (await this.isReached(channel)) return true
      }
      const wait = result.done ? LOOK_MS : Math.max(LOOK_MS, result.again.getTime() - Date.now())
      if (Date.now() + wait > deadline) return false
      await pause(wait, signal)
    }
  }

  private async isReached(channel: Channel): Promise<boolean> {
    const row = await this.prisma.balance.findUniqueOrThrow({ where: { eventId: channel.eventId } })
    const next = nextWrite(channelStateOf(channel, balancesOf(row)), Number.MAX_SAFE_INTEGER)
    return next.kind === 'IN_SYNC' && channel.syncError === null && channel.unconfirmedCap === null
  }
}

/** A mode, or the limit of one ticket type: the answer to a write of the cap tells neither. */
function isUnconfirmed({ kind, platform }: Drift): boolean {
  return kind === 'MODE_DRIFT' || (kind === 'CAP_DRIFT' && platform === null)
}
