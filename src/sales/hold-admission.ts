import { Injectable } from '@nestjs/common'
import { includesRole, type AuthenticatedUser } from '../accounts/authenticated-user.js'
import { isStaff } from '../accounts/authenticated-user.js'
import { DomainError, Forbidden, SoldOut, ValidationFailed } from '../domain/errors.js'
import { holdAccounts } from '../domain/hold.js'
import { SystemMode } from '../fail-safe/system-mode.js'
import { Clock } from '../infrastructure/clock.js'
import { Config } from '../infrastructure/config/config.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { StockGate } from '../inventory/gate.js'
import type { TakeHoldBody } from './hold-bodies.js'
import type { CreatedHold } from './create-holds.js'
import { holdId, isForgotten, requestHash, type HoldRequest, type Repeatable } from './hold-request.js'
import { HoldCreation } from './hold-creation.js'

const MAX_KEY = 200

/** Takes wishes for holds in: what can be told without the event's lock is answered at once, the rest is taken up. */
@Injectable()
export class HoldAdmission {
  private readonly admissions
  private readonly seconds

  constructor(
    private readonly prisma: PrismaService,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly gate: StockGate,
    private readonly taking: HoldCreation,
    private readonly mode: SystemMode,
    metrics: Metrics,
  ) {
    this.admissions = metrics.counter('admissions_total', 'Wishes for a hold, by what became of them', ['result'])
    this.seconds = metrics.histogram('admission_seconds', 'Time to decide a wish for a hold')
  }

  /** Throws FailSafe, ValidationFailed, Forbidden and what `HoldCreation.take` throws. */
  async take(
    eventId: string,
    body: TakeHoldBody,
    key: string | undefined,
    owner: AuthenticatedUser,
  ): Promise<CreatedHold> {
    const stop = this.seconds.startTimer()
    let result = 'ok'
    try {
      return await this.admit(eventId, body, key, owner)
    } catch (error) {
      result = error instanceof DomainError ? error.code.toLowerCase() : 'error'
      throw error
    } finally {
      this.admissions.inc({ result })
      stop()
    }
  }

  private async admit(eventId: string, body: TakeHoldBody, key: string | undefined, owner: AuthenticatedUser) {
    this.mode.assertAdmitting()
    const { source = 'DIRECT', seats = [] } = body
    if (source === 'SAFETY_STOCK' && !includesRole(owner.role, 'OPERATOR')) {
      throw new Forbidden('The safety stock is for operators to sell.')
    }
    const asked = { source, quantity: quantityOf(body), seats }
    const ttlSeconds = this.ttlOf(body, owner)
    const repeatable = repeatableOf(key, requestHash(asked, body.ttlSeconds))
    const known = repeatable && (await this.known(eventId, owner.id, repeatable))
    const id = holdId(eventId, owner.id, repeatable, known?.id ?? null)
    const isRepeat = known !== null && !isForgotten(known, this.clock.now())
    const request: HoldRequest = { id, owner, ...asked, ttlSeconds, repeatable }
    if (!isRepeat && seats.length === 0) await this.refuseSoldOut(eventId, request)
    return this.taking.take(eventId, request)
  }

  private known(eventId: string, accountId: string, { key }: Repeatable) {
    return this.prisma.hold.findUnique({
      where: { eventId_accountId_idempotencyKey: { eventId, accountId, idempotencyKey: key } },
      select: { id: true, createdAt: true },
    })
  }

  private ttlOf({ ttlSeconds }: TakeHoldBody, owner: AuthenticatedUser): number {
    const { holdTtlSeconds } = this.config.stock
    if (ttlSeconds === undefined) return holdTtlSeconds
    if (!isStaff(owner) && ttlSeconds > holdTtlSeconds) {
      throw ValidationFailed.of('ttlSeconds', `must not be more than ${holdTtlSeconds}`)
    }
    return ttlSeconds
  }

  /** A rush on an event that is sold out ends at the gate, without waiting for the ledger. */
  private async refuseSoldOut(eventId: string, { source, quantity }: HoldRequest): Promise<void> {
    const shown = await this.gate.read(eventId)
    if (!shown) return
    const left = holdAccounts(source, true).reduce((sum, account) => sum + Math.max(0, shown.balances[account]), 0)
    if (left < quantity) throw new SoldOut('Not as many tickets are left.')
  }
}

function quantityOf({ quantity, seats }: TakeHoldBody): number {
  if (quantity !== undefined && seats !== undefined) {
    throw ValidationFailed.of('seats', 'must not be given together with quantity')
  }
  const count = quantity ?? seats?.length
  if (count === undefined) throw ValidationFailed.of('quantity', 'or seats must be given')
  return count
}

function repeatableOf(key: string | undefined, hash: string): Repeatable | null {
  if (key === undefined) return null
  if (key.length === 0 || key.length > MAX_KEY) {
    throw ValidationFailed.of('Idempotency-Key', `must be 1 to ${MAX_KEY} characters`)
  }
  return { key, hash }
}
