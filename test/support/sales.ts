import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { AppModule } from '../../src/bootstrap/app.module.js'
import { DIRECT } from '../../src/domain/channel.js'
import { findInvariantViolation, sold, unitsOf, type Balances } from '../../src/domain/stock/ledger-account.js'
import { Clock } from '../../src/infrastructure/time/clock.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { StockGate } from '../../src/stock/gate/gate.js'
import { Ledger } from '../../src/stock/ledger.js'
import { sumOfMovements } from '../../src/adapters/prisma/stock/ledger-store.js'
import { namedBalances, nonEmpty } from './balances.js'
import { startTestApp, type ApiResponse, type TestApp } from './app.js'
import { createTestDatabase } from './database.js'
import { sharedRedis } from './redis.js'

export interface Person {
  id: string
  email: string
  token: string
}

export interface Ticket {
  id: string
  seat?: string
  code: string
}

export interface HoldBody {
  id: string
  eventId: string
  state: string
  quantity: number
  seats: string[]
  expiresAt: string
  tickets?: Ticket[]
  code?: string
  errors?: { field: string }[]
}

export const BUYER = { name: 'Jane', email: 'jane@example.com' }
const PASSWORD = 'a good password'
/** All 100 tickets are for the direct channel, and no red alarm is raised. */
const EVENT_DEFAULTS = {
  name: 'Event',
  startsAt: '2030-01-01T18:00:00Z',
  capacity: 100,
  safetyStockRatio: 0,
  softCapRatio: 1,
}

/** The service with a customer, an operator and an admin, and helpers for tests of the direct channel. */
export class Sales {
  admin!: Person
  operator!: Person
  customer!: Person
  prisma!: PrismaService
  private userCount = 0
  private keyCount = 0

  private constructor(
    readonly service: TestApp,
    readonly redisUrl: string,
    private readonly databaseUrl: string,
    private readonly env: Record<string, string>,
    private readonly dropDatabase: () => Promise<void>,
  ) {
    this.prisma = service.app.get(PrismaService)
  }

  static async start(options: { redisUrl?: string; env?: Record<string, string> } = {}): Promise<Sales> {
    const database = await createTestDatabase()
    const redisUrl = options.redisUrl ?? (await sharedRedis())
    const env = options.env ?? {}
    const service = await boot(database.url, redisUrl, env)
    const sales = new Sales(service, redisUrl, database.url, env, () => database.drop())
    const token = await service.login()
    const { id, email } = await sales.prisma.user.findFirstOrThrow({ where: { role: 'ADMIN' } })
    sales.admin = { id, email, token }
    sales.operator = await sales.staff('OPERATOR')
    sales.customer = await sales.buyer()
    return sales
  }

  /** Starts another instance on the same servers. */
  startInstance(): Promise<TestApp> {
    return boot(this.databaseUrl, this.redisUrl, this.env)
  }

  async stop(): Promise<void> {
    await this.service.close()
    await this.dropDatabase()
  }

  async staff(role: 'ADMIN' | 'OPERATOR' | 'VIEWER'): Promise<Person> {
    const email = `${role.toLowerCase()}${++this.userCount}@example.com`
    const body = { email, name: role, role, password: PASSWORD }
    const created = await this.service.call<{ id: string }>('POST', '/operators', { token: this.admin.token, body })
    return { id: created.body.id, email, token: await this.service.login({ email, password: PASSWORD }) }
  }

  async buyer(): Promise<Person> {
    const email = `buyer${++this.userCount}@example.com`
    const body = { email, name: 'Buyer', password: PASSWORD }
    const created = await this.service.call<{ id: string }>('POST', '/auth/register', {
      body,
      ip: `10.9.0.${this.userCount}`,
    })
    return { id: created.body.id, email, token: await this.service.login({ email, password: PASSWORD }) }
  }

  async event(fields: object = {}): Promise<string> {
    const body = { ...EVENT_DEFAULTS, ...fields }
    const created = await this.service.call<{ id: string }>('POST', '/events', { token: this.operator.token, body })
    expect(created.status, JSON.stringify(created.body)).toBe(201)
    return created.body.id
  }

  /** Retries until the hold is created or refused; the idempotency key recovers a response that was lost. */
  holdWithRetries(
    eventId: string,
    body: object,
    options: { by?: Person; on?: TestApp } = {},
  ): Promise<ApiResponse<HoldBody>> {
    const key = `key ${++this.keyCount}`
    return retryWhileUnavailable(() => this.hold(eventId, body, { ...options, key })).then((response) =>
      response.status === 200 ? { ...response, status: 201 } : response,
    )
  }

  hold(
    eventId: string,
    body: object,
    { by = this.customer, key, on = this.service }: { by?: Person; key?: string; on?: TestApp } = {},
  ): Promise<ApiResponse<HoldBody>> {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
    return on.call<HoldBody>('POST', `/events/${eventId}/holds`, { token: by.token, body, headers })
  }

  async createHold(eventId: string, body: object, by: Person = this.customer): Promise<HoldBody> {
    const response = await this.hold(eventId, body, { by })
    expect(response.status, JSON.stringify(response.body)).toBe(201)
    return response.body
  }

  confirm(
    id: string,
    {
      by = this.customer,
      on = this.service,
      body = { buyer: BUYER },
    }: { by?: Person; on?: TestApp; body?: object } = {},
  ) {
    return on.call<HoldBody>('POST', `/holds/${id}/confirm`, { token: by.token, body })
  }

  release(id: string, { by = this.customer, on = this.service } = {}) {
    return on.call<HoldBody>('DELETE', `/holds/${id}`, { token: by.token })
  }

  get(id: string, by: Person = this.customer) {
    return this.service.call<HoldBody>('GET', `/holds/${id}`, { token: by.token })
  }

  /** Replaces the clock of the service. */
  setClock(now: () => Date): void {
    this.service.app.get(Clock).now = now
  }

  /** By the names that the API shows. */
  async balances(eventId: string): Promise<Balances> {
    return namedBalances(this.prisma, eventId, (await this.service.app.get(Ledger).read(eventId)).balances)
  }

  /**
   * I1: no unit is created or lost, the movements add up to the balances, and the gate shows the same balances.
   * I5: live holds add up to HELD and tickets to SOLD. I6: each seat is claimed once, by a live hold or a ticket.
   */
  async expectSound(eventId: string): Promise<Balances> {
    const { epoch, balances } = await this.service.app.get(Ledger).read(eventId)
    expect(findInvariantViolation(balances)).toBeNull()
    expect(balances.OVERSOLD).toBe(0)
    expect(nonEmpty(await sumOfMovements(this.prisma, eventId))).toEqual(nonEmpty(balances))
    const gate = await this.service.app.get(StockGate).read(eventId)
    expect(gate && nonEmpty(gate.balances)).toEqual(nonEmpty(balances))
    expect(gate?.epoch).toBe(epoch)
    const live = await this.prisma.hold.findMany({ where: { eventId, state: { in: ['HELD', 'PAYMENT_PENDING'] } } })
    expect(live.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(balances.HELD)
    const tickets = await this.prisma.ticket.findMany({ where: { eventId, platform: 'DIRECT', state: 'VALID' } })
    expect(tickets).toHaveLength(unitsOf(balances, sold(DIRECT)))
    expect(new Set(tickets.map(({ code }) => code)).size).toBe(tickets.length)
    await this.expectSoundSeats(eventId)
    return this.balances(eventId)
  }

  private async expectSoundSeats(eventId: string): Promise<void> {
    const holds = await this.prisma.hold.findMany({
      where: { eventId, state: { in: ['HELD', 'PAYMENT_PENDING', 'CONFIRMED'] } },
    })
    const expected = holds.flatMap(({ id, seats }) => seats.map((seat) => `${seat} ${id}`))
    const claims = await this.prisma.seatClaim.findMany({ where: { eventId }, include: { hold: true, ticket: true } })
    expect(claims.map(({ seat, holdId }) => `${seat} ${holdId}`).toSorted()).toEqual(expected.toSorted())
    for (const { seat, hold, ticket } of claims) {
      expect(ticket?.seat ?? null).toBe(hold.state === 'CONFIRMED' ? seat : null)
    }
  }
}

function boot(databaseUrl: string, redisUrl: string, env: Record<string, string>): Promise<TestApp> {
  return startTestApp({ databaseUrl, redisUrl, root: (config) => AppModule.of(config), env })
}

const MAX_ATTEMPTS = 20

/** Retries while the response is 503: on a busy machine a server may exceed its timeout. */
export async function retryWhileUnavailable<T>(send: () => Promise<ApiResponse<T>>): Promise<ApiResponse<T>> {
  for (let attempt = 1; ; attempt++) {
    const response = await send()
    if (response.status !== 503 || attempt === MAX_ATTEMPTS) return response
    await sleep(100)
  }
}

/** Number of responses by status and problem code. */
export function tally(responses: readonly ApiResponse<{ code?: string }>[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, body } of responses) {
    const name = body?.code && status >= 400 ? `${status} ${body.code}` : String(status)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
