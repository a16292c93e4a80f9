import { Injectable } from '@nestjs/common'
import { includesRole, type AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { isStaff } from '../../accounts/authenticated-user.js'
import { DomainError, EmailUnverified, Forbidden, SoldOut, ValidationFailed } from '../../domain/errors.js'
import { SystemMode } from '../../system-mode/system-mode.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Config } from '../../infrastructure/config/config.js'
import { idempotencyOf, isKeyExpired, type Idempotency } from '../../infrastructure/http/requests/idempotency.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { StockGate } from '../../stock/gate/gate.js'
import type { CreateHoldBody } from '../holds.dto.js'
import type { CreatedHold } from './create-holds.js'
import { contentOf, holdId, type HoldRequest } from './hold-request.js'
import { HoldCreation } from './hold-creation.js'
import { HoldStore } from '../hold-store.js'
import { SoldOutCheck } from './sold-out-check.js'

/** Checks hold requests. Rejects what it can without the event's lock and passes the rest on to `HoldCreation`. */
@Injectable()
export class HoldAdmission {
  private readonly admissions
  private readonly durationSeconds
  private readonly soldOut: SoldOutCheck

  constructor(
    private readonly holds: HoldStore,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly gate: StockGate,
    private readonly creation: HoldCreation,
    private readonly mode: SystemMode,
    metrics: Metrics,
  ) {
    this.soldOut = new SoldOutCheck(gate, clock)
    this.admissions = metrics.counter('admissions_total', 'Hold requests by result', ['result'])
    this.durationSeconds = metrics.histogram('admission_seconds', 'Time to process a hold request')
  }

  /** Throws FailSafe, ValidationFailed, Forbidden, EmailUnverified and what `HoldCreation.create` throws. */
  async admit(
    eventId: string,
    body: CreateHoldBody,
    key: string | undefined,
    owner: AuthenticatedUser,
  ): Promise<CreatedHold> {
    const stop = this.durationSeconds.startTimer()
    let result = 'ok'
    try {
      return await this.checkAndCreate(eventId, body, key, owner)
    } catch (error) {
      result = error instanceof DomainError ? error.code.toLowerCase() : 'error'
      throw error
    } finally {
      this.admissions.inc({ result })
      stop()
    }
  }

  private async checkAndCreate(
    eventId: string,
    body: CreateHoldBody,
    key: string | undefined,
    owner: AuthenticatedUser,
  ) {
    this.mode.assertAdmitting()
    const { source = 'DIRECT', seats = [] } = body
    if (source === 'SAFETY_STOCK' && !includesRole(owner.role, 'OPERATOR')) {
      throw new Forbidden('Only operators can sell the safety stock.')
    }
    this.assertEmailVerified(owner)
    const requested = { source, quantity: quantityOf(body), seats }
    const ttlSeconds = this.ttlOf(body, owner)
    const idempotency = idempotencyOf(key, contentOf(requested, body.ttlSeconds))
    const existing = idempotency && (await this.findByKey(eventId, owner.id, idempotency))
    const id = holdId(eventId, owner.id, idempotency, existing?.id ?? null)
    const isRepeat = existing !== null && !isKeyExpired(existing, this.clock.now())
    const request: HoldRequest = { id, owner, ...requested, ttlSeconds, idempotency }
    if (!isRepeat && seats.length === 0 && (await this.soldOut.isSoldOut(eventId, source, requested.quantity))) {
      if (!(await this.mayBeRepeat(eventId, request))) throw new SoldOut('Not enough tickets are left.')
    }
    return this.creation.create(eventId, request)
  }

  /** Only where mails are sent: without them no address can be proved. */
  private assertEmailVerified(owner: AuthenticatedUser): void {
    if (this.config.mail.smtpUrl === null || isStaff(owner) || owner.emailVerified) return
    throw new EmailUnverified('Confirm your e-mail address first, with the link in the mail that was sent to it.')
  }

  private findByKey(eventId: string, accountId: string, { key }: Idempotency) {
    return this.holds.findByKey(eventId, accountId, key)
  }

  private ttlOf({ ttlSeconds }: CreateHoldBody, owner: AuthenticatedUser): number {
    const { holdTtlSeconds } = this.config.stock
    if (ttlSeconds === undefined) return holdTtlSeconds
    if (!isStaff(owner) && ttlSeconds > holdTtlSeconds) {
      throw ValidationFailed.of('ttlSeconds', `must not be more than ${holdTtlSeconds}`)
    }
    return ttlSeconds
  }

  /** Whether the tickets may be gone to an earlier request with this key, which was not committed when it was searched for. */
  private async mayBeRepeat(eventId: string, { owner, idempotency }: HoldRequest): Promise<boolean> {
    if (!idempotency) return false
    // In this order: an operation is pending in the gate until after its commit.
    const pending = await this.gate.pending(eventId, 0, 1)
    return pending.length > 0 || (await this.findByKey(eventId, owner.id, idempotency)) !== null
  }
}

function quantityOf({ quantity, seats }: CreateHoldBody): number {
  if (quantity !== undefined && seats !== undefined) {
    throw ValidationFailed.of('seats', 'must not be given together with quantity')
  }
  const count = quantity ?? seats?.length
  if (count === undefined) throw ValidationFailed.of('quantity', 'or seats must be given')
  return count
}
