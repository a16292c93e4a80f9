import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { channelStateOf } from '../channels/channel-state.js'
import { ChannelJobs } from '../channels/channel-jobs.js'
import { DesiredState } from '../channels/desired-state.js'
import { allocated } from '../domain/ledger-account.js'
import { Forbidden, NotFound, SoldOut, StateConflict, ValidationFailed } from '../domain/errors.js'
import { isUncovered } from '../domain/follow-exposure.js'
import { capAfterRelease } from '../domain/release-cap.js'
import { SystemMode } from '../fail-safe/system-mode.js'
import type { SafetyRelease } from '../generated/prisma/client.js'
import { Clock } from '../infrastructure/clock.js'
import { pageArgs, toPage, type Page } from '../infrastructure/http/pagination.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { LockedEvent } from '../inventory/ledger.js'
import { Stock } from '../inventory/stock.js'
import type { StockTransaction } from '../inventory/stock-transaction.js'
import { StockEvents } from '../inventory/stock-events.js'
import { toCaller } from './event-lane.js'
import { saleRefusal } from './on-sale.js'
import { releaseDto, type ReleaseDto, type ReleasesQuery, type RequestReleaseBody } from './safety-bodies.js'

/** Lets a platform sell some of the safety stock, once two people want it. */
@Injectable()
export class SafetyReleases {
  constructor(
    private readonly prisma: PrismaService,
    private readonly stock: Stock,
    private readonly desired: DesiredState,
    private readonly channels: ChannelJobs,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly stockEvents: StockEvents,
    private readonly mode: SystemMode,
  ) {}

  async list({ state, eventId, ...query }: ReleasesQuery): Promise<Page<ReleaseDto>> {
    const { where, ...page } = pageArgs(query)
    const filter = { ...(state ? { state } : {}), ...(eventId ? { eventId } : {}) }
    const rows = await this.prisma.safetyRelease.findMany({ ...page, where: { ...where, ...filter } })
    return toPage(rows, query.limit, releaseDto)
  }

  /** Nothing moves yet. Throws NotFound; ValidationFailed for a platform that is no channel; StateConflict; SoldOut. */
  async request(eventId: string, body: RequestReleaseBody, account: AuthenticatedUser): Promise<ReleaseDto> {
    const work = this.stock.transact(eventId, async (tx) => {
      await this.releasable(tx, eventId, body)
      const data = { id: newId('rel'), eventId, ...body, requestedBy: account.id, requestedAt: this.clock.now() }
      const release = await tx.prisma.safetyRelease.create({ data })
      await this.audit.record(
        account.id,
        'safety-stock.release.request',
        release.id,
        null,
        { eventId, ...body },
        tx.prisma,
      )
      return releaseDto(release)
    })
    return work.catch((error: unknown) => Promise.reject(toCaller(error)))
  }

  /**
   * The units go to the platform's allocation and its wanted cap rises by them, also during a red alarm.
   * Throws FailSafe; NotFound; Forbidden for who asked for it; StateConflict when it is decided; SoldOut.
   */
  async approve(id: string, account: AuthenticatedUser): Promise<ReleaseDto> {
    this.mode.assertAdmitting()
    const { eventId } = await this.decidable(id, account)
    const work = this.stock.transact(eventId, (tx) => this.approveInTransaction(tx, id, account))
    const release = await work.catch((error: unknown) => Promise.reject(toCaller(error)))
    this.channels.hurry(eventId)
    this.stockEvents.changed({ eventId, channel: null, delta: 0, orders: [] })
    return releaseDto(release)
  }

  async reject(id: string, account: AuthenticatedUser): Promise<ReleaseDto> {
    const { eventId } = await this.decidable(id, account)
    const release = await this.stock.transact(eventId, (tx) => this.decide(tx, id, 'REJECTED', account))
    return releaseDto(release)
  }

  private async approveInTransaction(
    tx: StockTransaction,
    id: string,
    account: AuthenticatedUser,
  ): Promise<SafetyRelease> {
    const release = await tx.prisma.safetyRelease.findUniqueOrThrow({ where: { id } })
    const { eventId, quantity, reason } = release
    mustBePending(release)
    const channel = await this.releasable(tx, eventId, release)
    if (channel.desiredCap === null) throw new StateConflict(`${channel.platform} is not taken over yet. Try later.`)
    const before = { ...channelStateOf(channel, tx.balances), desiredCap: channel.desiredCap }
    const posted = await tx.post({
      id: `safety-release:${id}:approved`,
      postings: [{ quantity, sources: ['SAFETY'], destination: allocated(before.platform) }],
      reason: `safety stock release: ${reason}`,
      actor: account.email,
      onInsufficient: 'skip',
    })
    if (!posted) throw new SoldOut('The safety stock was taken at this moment.')
    await this.desired.want(tx, channel, { cap: capAfterRelease(before, quantity), mode: 'OPEN' })
    return this.decide(tx, id, 'APPROVED', account)
  }

  private async releasable(
    { prisma, balances }: LockedEvent,
    eventId: string,
    wish: Pick<SafetyRelease, 'platform' | 'quantity'>,
  ) {
    const event = await prisma.event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } })
    const refusal = saleRefusal(event, 'STAFF', this.clock.now())
    if (refusal) throw refusal
    const channel = event.channels.find(({ platform }) => platform === wish.platform)
    if (!channel) throw ValidationFailed.of('platform', 'is no channel of this event')
    const uncovered = event.channels.filter((one) => isUncovered(balances, channelStateOf(one, balances)))
    if (uncovered.length > 0) {
      const names = uncovered.map((one) => one.platform).join(', ')
      throw new StateConflict(`${names} can sell more than is set aside for it, the safety stock included. Try later.`)
    }
    if (balances.SAFETY < wish.quantity) throw new SoldOut(`The safety stock has ${balances.SAFETY} left.`)
    return channel
  }

  private async decidable(id: string, account: AuthenticatedUser): Promise<SafetyRelease> {
    const release = await this.prisma.safetyRelease.findUnique({ where: { id } })
    if (!release) throw new NotFound('There is no such release.')
    if (release.requestedBy === account.id) throw new Forbidden('Somebody else must decide what you asked for.')
    mustBePending(release)
    return release
  }

  private async decide(
    { prisma }: LockedEvent,
    id: string,
    state: 'APPROVED' | 'REJECTED',
    account: AuthenticatedUser,
  ) {
    const decision = { state, decidedBy: account.id, decidedAt: this.clock.now() }
    const { count } = await prisma.safetyRelease.updateMany({ where: { id, state: 'PENDING' }, data: decision })
    const release = await prisma.safetyRelease.findUniqueOrThrow({ where: { id } })
    if (count === 0) mustBePending(release)
    const action = state === 'APPROVED' ? 'approve' : 'reject'
    await this.audit.record(account.id, `safety-stock.release.${action}`, id, { state: 'PENDING' }, { state }, prisma)
    return release
  }
}

function mustBePending({ state }: SafetyRelease): void {
  if (state !== 'PENDING') throw new StateConflict(`The release is ${state} already.`)
}
