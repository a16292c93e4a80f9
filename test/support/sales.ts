import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { AppModule } from '../../src/app.module.js'
import { findInvariantViolation, type Balances } from '../../src/domain/ledger-account.js'
import { Clock } from '../../src/infrastructure/clock.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { StockGate } from '../../src/inventory/gate.js'
import { Ledger, sumOfMovements } from '../../src/inventory/ledger.js'
import { startTestApp, type Answer, type TestApp } from './app.js'
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
/** All 100 tickets are for the direct channel, and no alarm. */
const PLAIN = { name: 'Evening', startsAt: '2030-01-01T18:00:00Z', capacity: 100, safetyStockRatio: 0, softCapRatio: 1 }

/** The service with a customer, an operator and an admin, and what tests of the direct channel do with it. */
export class Sales {
  admin!: Person
  operator!: Person
  customer!: Person
  prisma!: PrismaService
  private people = 0
  private keys = 0

  private constructor(
    readonly service: TestApp,
    readonly redisUrl: string,
    private readonly databaseUrl: string,
    private readonly env: Record<string, string>,
    private readonly end: () => Promise<void>,
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

  /** Another process on the same servers. */
  another(): Promise<TestApp> {
    return boot(this.databaseUrl, this.redisUrl, this.env)
  }

  async stop(): Promise<void> {
    await this.service.close()
    await this.end()
  }

  async staff(role: 'ADMIN' | 'OPERATOR' | 'VIEWER'): Promise<Person> {
    const email = `${role.toLowerCase()}${++this.people}@example.com`
    const body = { email, name: role, role, password: PASSWORD }
    const made = await this.service.call<{ id: string }>('POST', '/operators', { token: this.admin.token, body })
    return { id: made.body.id, email, token: await this.service.login({ email, password: PASSWORD }) }
  }

  async buyer(): Promise<Person> {
    const email = `buyer${++this.people}@example.com`
    const body = { email, name: 'Buyer', password: PASSWORD }
    const made = await this.service.call<{ id: string }>('POST', '/auth/register', {
      body,
      ip: `10.9.0.${this.people}`,
    })
    return { id: made.body.id, email, token: await this.service.login({ email, password: PASSWORD }) }
  }

  async event(fields: object = {}): Promise<string> {
    const body = { ...PLAIN, ...fields }
    const made = await this.service.call<{ id: string }>('POST', '/events', { token: this.operator.token, body })
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    return made.body.id
  }

  /** Until it is decided: with a key, so that an answer that came too late is found again. */
  holdPatiently(eventId: string, body: object, options: { by?: Person; on?: TestApp } = {}): Promise<Answer<HoldBody>> {
    const key = `key ${++this.keys}`
    return patiently(() => this.hold(eventId, body, { ...options, key })).then((answer) =>
      answer.status === 200 ? { ...answer, status: 201 } : answer,
    )
  }

  hold(
    eventId: string,
    body: object,
    { by = this.customer, key, on = this.service }: { by?: Person; key?: string; on?: TestApp } = {},
  ): Promise<Answer<HoldBody>> {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
    return on.call<HoldBody>('POST', `/events/${eventId}/holds`, { token: by.token, body, headers })
  }

  async held(eventId: string, body: object, by: Person = this.customer): Promise<HoldBody> {
    const answer = await this.hold(eventId, body, { by })
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    return answer.body
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

  /** Time as the service sees it. */
  setClock(now: () => Date): void {
    this.service.app.get(Clock).now = now
  }

  async balances(eventId: string): Promise<Balances> {
    return (await this.service.app.get(Ledger).read(eventId)).balances
  }

  /**
   * I1: nothing made or lost, the movements add up to the balances, the gate shows the same. I5: live holds are what
   * stands in HELD, tickets are what is sold. I6: seats are taken by live holds or by tickets, once.
   */
  async mustBeSound(eventId: string): Promise<Balances> {
    const { epoch, balances } = await this.service.app.get(Ledger).read(eventId)
    expect(findInvariantViolation(balances)).toBeNull()
    expect(balances.OVERSOLD).toBe(0)
    expect(await sumOfMovements(this.prisma, eventId)).toEqual(balances)
    const gate = await this.service.app.get(StockGate).read(eventId)
    expect(gate?.balances).toEqual(balances)
    expect(gate?.epoch).toBe(epoch)
    const live = await this.prisma.hold.findMany({ where: { eventId, state: { in: ['HELD', 'PAYMENT_PENDING'] } } })
    expect(live.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(balances.HELD)
    const tickets = await this.prisma.ticket.findMany({ where: { eventId, platform: 'DIRECT', state: 'VALID' } })
    expect(tickets).toHaveLength(balances['SOLD:DIRECT'])
    expect(new Set(tickets.map(({ code }) => code)).size).toBe(tickets.length)
    await this.seatsMustBeSound(eventId)
    return balances
  }

  private async seatsMustBeSound(eventId: string): Promise<void> {
    const holds = await this.prisma.hold.findMany({
      where: { eventId, state: { in: ['HELD', 'PAYMENT_PENDING', 'CONFIRMED'] } },
    })
    const wanted = holds.flatMap(({ id, seats }) => seats.map((seat) => `${seat} ${id}`))
    const claims = await this.prisma.seatClaim.findMany({ where: { eventId }, include: { hold: true, ticket: true } })
    expect(claims.map(({ seat, holdId }) => `${seat} ${holdId}`).toSorted()).toEqual(wanted.toSorted())
    for (const { seat, hold, ticket } of claims) {
      expect(ticket?.seat ?? null).toBe(hold.state === 'CONFIRMED' ? seat : null)
    }
  }
}

function boot(databaseUrl: string, redisUrl: string, env: Record<string, string>): Promise<TestApp> {
  return startTestApp({ databaseUrl, redisUrl, root: (config) => AppModule.of(config), env })
}

const PATIENCE = 20

/** Asks again while the answer is "try again" (503): on a busy machine a server may miss its time limit. */
export async function patiently<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask()
    if (answer.status !== 503 || attempt === PATIENCE) return answer
    await sleep(100)
  }
}

/** How often each status and code came. */
export function tally(answers: readonly Answer<{ code?: string }>[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, body } of answers) {
    const name = body?.code && status >= 400 ? `${status} ${body.code}` : String(status)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
