import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { channelStateOf } from '../channels/channel-state.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { DesiredState } from '../channels/desired-state.js'
import { allocated } from '../domain/stock/ledger-account.js'
import { Forbidden, NotFound, SoldOut, StateConflict, ValidationFailed } from '../domain/errors.js'
import { isUncovered } from '../domain/caps/follow-exposure.js'
import { withheldOf } from '../domain/caps/withheld-units.js'
import { capAfterRelease } from '../domain/caps/release-cap.js'
import { SystemMode } from '../system-mode/system-mode.js'
import type { Channel } from '../domain/channel-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { readCursor, toPage, type Page } from '../infrastructure/http/requests/pagination.js'
import { newId } from '../infrastructure/ids.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import type { LockedEvent } from '../stock/ledger.js'
import { EventStore } from '../stock/event-store.js'
import { Stock } from '../stock/stock.js'
import type { StockTransaction } from '../stock/stock-transaction.js'
import { StockEvents } from '../stock/stock-events.js'
import { toDomainError } from '../stock/batching/event-batch-queue.js'
import { saleConflict } from '../domain/sale-conflict.js'
import { ReleaseStore, type SafetyRelease } from './release-store.js'
import { releaseDto, type ReleaseDto, type ReleasesQuery, type RequestReleaseBody } from './safety-stock.dto.js'

/** Releases safety stock, and what was freed from it, to a platform: requested by one user and approved by another. */
@Injectable()
export class SafetyReleases {
  constructor(
    private readonly store: ReleaseStore,
    private readonly events: EventStore,
    private readonly stock: Stock,
    private readonly desired: DesiredState,
    private readonly channels: ChannelJobs,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly stockEvents: StockEvents,
    private readonly mode: SystemMode,
  ) {}

  async list({ state, eventId, ...query }: ReleasesQuery): Promise<Page<ReleaseDto>> {
    const before = readCursor(query.cursor)
    const filter = {
      ...(state ? { state } : {}),
      ...(eventId ? { eventId } : {}),
      ...(before === undefined ? {} : { before }),
    }
    const rows = await this.store.newest(filter, query.limit + 1)
    return toPage(rows, query.limit, releaseDto)
  }

  /** Moves no units. Throws NotFound, ValidationFailed for a platform without a channel, StateConflict and SoldOut. */
  async request(eventId: string, body: RequestReleaseBody, user: AuthenticatedUser): Promise<ReleaseDto> {
    const work = this.stock.transact(eventId, async (tx) => {
      const { id: channelId } = await this.releasableChannel(tx, eventId, body)
      const { platform, quantity, reason } = body
      const requested = { platform, channelId, quantity, reason, requestedBy: user.id, requestedAt: this.clock.now() }
      const release = await this.store.create(tx.transaction, { id: newId('rel'), eventId, ...requested })
      await this.audit.record(
        user.id,
        'safety-stock.release.request',
        release.id,
        null,
        { eventId, ...body },
        tx.transaction,
      )
      return releaseDto(release)
    })
    return work.catch((error: unknown) => Promise.reject(toDomainError(error)))
  }

  /**
   * Moves the units to the platform's allocation and raises its desired cap by them, also during a red alarm.
   * Throws FailSafe, NotFound, Forbidden for the requester, StateConflict when it is already decided, and SoldOut.
   */
  async approve(id: string, user: AuthenticatedUser): Promise<ReleaseDto> {
    this.mode.assertAdmitting()
    const { eventId } = await this.findDecidable(id, user)
    const work = this.stock.transact(eventId, (tx) => this.approveInTransaction(tx, id, user))
    const release = await work.catch((error: unknown) => Promise.reject(toDomainError(error)))
    this.channels.wake(eventId)
    this.stockEvents.emitChanged({ eventId, channel: null, delta: 0, orders: [] })
    return releaseDto(release)
  }

  async reject(id: string, user: AuthenticatedUser): Promise<ReleaseDto> {
    const { eventId } = await this.findDecidable(id, user)
    const release = await this.stock.transact(eventId, (tx) => this.decide(tx, id, 'REJECTED', user))
    return releaseDto(release)
  }

  private async approveInTransaction(
    tx: StockTransaction,
    id: string,
    user: AuthenticatedUser,
  ): Promise<SafetyRelease> {
    const release = await this.find(tx.transaction, id)
    const { eventId, quantity, reason } = release
    assertPending(release)
    const channel = await this.releasableChannel(tx, eventId, release)
    if (channel.desiredCap === null)
      throw new StateConflict(`${channel.platform} has not been imported yet. Try again later.`)
    const before = { ...channelStateOf(channel, tx.balances), desiredCap: channel.desiredCap }
    const event = await this.events.read(tx.transaction, eventId)
    // What was freed for it before what is still reserved.
    const freed = Math.min(quantity, withheldOf(event, tx.balances))
    const destination = allocated(channel)
    const posted = await tx.post({
      id: `safety-release:${id}:approved`,
      postings: [
        ...(freed > 0 ? [{ quantity: freed, sources: ['UNALLOCATED'], destination } as const] : []),
        ...(freed < quantity ? [{ quantity: quantity - freed, sources: ['SAFETY'], destination } as const] : []),
      ],
      reason: `safety stock release: ${reason}`,
      actor: user.email,
      operatorId: user.id,
      onInsufficient: 'skip',
    })
    if (!posted) throw new SoldOut('The safety stock has just been used.')
    await this.events.update(tx.transaction, eventId, { withheldUnits: event.withheldUnits - freed })
    await this.desired.setDesired(tx, channel, { cap: capAfterRelease(before, quantity), mode: 'OPEN' })
    return this.decide(tx, id, 'APPROVED', user)
  }

  private async releasableChannel(
    { transaction, balances }: LockedEvent,
    eventId: string,
    requested: Pick<SafetyRelease, 'platform' | 'quantity'> & { channelId?: string },
  ): Promise<Channel> {
    const event = await this.events.withChannels(transaction, eventId)
    const conflict = saleConflict(event, 'STAFF', this.clock.now())
    if (conflict) throw conflict
    const channel = requestedChannel(event.channels, requested)
    const uncovered = event.channels.filter((one) => isUncovered(balances, channelStateOf(one, balances)))
    if (uncovered.length > 0) {
      const names = uncovered.map((one) => one.platform).join(', ')
      throw new StateConflict(`${names} can currently sell more tickets than are allocated to it. Try again later.`)
    }
    const left = balances.SAFETY + withheldOf(event, balances)
    if (left < requested.quantity) throw new SoldOut(`The safety stock has ${left} left.`)
    return channel
  }

  private async findDecidable(id: string, user: AuthenticatedUser): Promise<SafetyRelease> {
    const release = await this.find(null, id)
    if (release.requestedBy === user.id) throw new Forbidden('Another admin must decide your request.')
    assertPending(release)
    return release
  }

  private async find(transaction: DatabaseTransaction | null, id: string): Promise<SafetyRelease> {
    const release = await this.store.find(transaction, id)
    if (!release) throw new NotFound('There is no such release.')
    return release
  }

  private async decide(
    { transaction }: LockedEvent,
    id: string,
    state: 'APPROVED' | 'REJECTED',
    user: AuthenticatedUser,
  ): Promise<SafetyRelease> {
    const decision = { state, decidedBy: user.id, decidedAt: this.clock.now() }
    const decided = await this.store.decide(transaction, id, decision)
    const release = await this.find(transaction, id)
    if (!decided) assertPending(release)
    const action = state === 'APPROVED' ? 'approve' : 'reject'
    await this.audit.record(user.id, `safety-stock.release.${action}`, id, { state: 'PENDING' }, { state }, transaction)
    return release
  }
}

/** Throws ValidationFailed unless the request names exactly one channel. */
function requestedChannel(
  channels: readonly Channel[],
  { platform, channelId }: Pick<SafetyRelease, 'platform'> & { channelId?: string },
): Channel {
  const onPlatform = channels.filter((channel) => channel.platform === platform)
  const [channel, ...others] = onPlatform.filter(({ id }) => channelId === undefined || id === channelId)
  if (!channel) {
    throw onPlatform.length === 0
      ? ValidationFailed.of('platform', 'has no channel for this event')
      : ValidationFailed.of('channelId', 'is not a channel of this event on this platform')
  }
  if (others.length > 0) throw ValidationFailed.of('channelId', 'must name one of the channels on this platform')
  return channel
}

function assertPending({ state }: SafetyRelease): void {
  if (state !== 'PENDING') throw new StateConflict(`The release is already ${state}.`)
}
