import { fork, spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { freePort } from '#embedded-services'

/** A server that holds tickets, as its users see it; `held` is what it has stored. */
export interface Shop {
  readonly name: string
  readonly url: string
  readonly pid: number | undefined
  /** Access tokens of its customers. */
  readonly tokens: readonly string[]
  /** Opens events with this number of tickets each; returns their ids. */
  open(events: number, tickets: number): Promise<string[]>
  /** Tickets held by its hold rows. Rejects when its other records differ. */
  held(eventIds: readonly string[]): Promise<number>
  stop(): Promise<void>
}

const SCHEMA = `
  CREATE SCHEMA bench;
  CREATE TABLE bench.events (id text PRIMARY KEY, tickets int NOT NULL, remaining int NOT NULL CHECK (remaining >= 0));
  CREATE TABLE bench.holds (id text PRIMARY KEY, event_id text NOT NULL REFERENCES bench.events, quantity int NOT NULL,
    expires_at timestamptz NOT NULL);
  CREATE INDEX ON bench.holds (event_id)`

/** Fastify and pg, without anything else. */
export class BareShop implements Shop {
  readonly name = 'bare Fastify + pg, one transaction'
  readonly tokens = []

  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly pool: pg.Pool,
  ) {}

  static async start(databaseUrl: string): Promise<BareShop> {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
    await pool.query(SCHEMA)
    const port = await freePort()
    const program = fileURLToPath(new URL('bare-shop.mjs', import.meta.url))
    const child = fork(program, [String(port), databaseUrl], { stdio: 'inherit', execArgv: [] })
    await once(child, 'message')
    return new BareShop(`http://127.0.0.1:${port}`, child, pool)
  }

  get pid(): number | undefined {
    return this.process.pid
  }

  async open(events: number, tickets: number): Promise<string[]> {
    const ids = Array.from({ length: events }, () => randomUUID())
    await this.pool.query('INSERT INTO bench.events SELECT unnest($1::text[]), $2, $2', [ids, tickets])
    return ids
  }

  async held(eventIds: readonly string[]): Promise<number> {
    const sql = `
      SELECT SUM(tickets - remaining)::int AS taken, SUM(held)::int AS held
      FROM bench.events e, LATERAL (SELECT COALESCE(SUM(quantity), 0) AS held FROM bench.holds WHERE event_id = e.id) AS h
      WHERE id = ANY($1)`
    const { rows } = await this.pool.query<{ taken: number; held: number }>(sql, [eventIds])
    return agreed(rows[0]?.held, rows[0]?.taken)
  }

  async stop(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.pool.end()
  }
}

export const ADMIN = { email: 'admin@example.com', password: 'only for this benchmark' }
/** `PROFILE=FOLDER`: the service writes what its processor time was spent on to this folder. */
const PROFILE = process.env['PROFILE']

/** The service as a user starts it: all roles in one process, which logs every request. */
export class TrafficPoliceShop implements Shop {
  readonly name = 'Traffic Police'

  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly pool: pg.Pool,
    private readonly staff: string,
    readonly tokens: readonly string[],
    private readonly maxHeldPerCustomer: number,
  ) {}

  static async start(
    databaseUrl: string,
    redisUrl: string,
    customers: { count: number; limit: number },
  ): Promise<TrafficPoliceShop> {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const process = startService(port, databaseUrl, redisUrl)
    await untilReady(url, process)
    const tokens: string[] = []
    for (let index = 0; index < customers.count; index++) tokens.push(await customerToken(url, index))
    const staff = await tokenOf(url, ADMIN.email, ADMIN.password, '198.51.100.1')
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
    return new TrafficPoliceShop(url, process, pool, staff, tokens, customers.limit)
  }

  get pid(): number | undefined {
    return this.process.pid
  }

  async open(events: number, tickets: number): Promise<string[]> {
    const startsAt = new Date(Date.now() + 7 * 86_400_000).toISOString()
    const { maxHeldPerCustomer } = this
    const body = {
      name: 'Bench',
      startsAt,
      capacity: tickets,
      directWeight: 1,
      safetyStockRatio: 0,
      maxHeldPerCustomer,
    }
    const ids: string[] = []
    for (let index = 0; index < events; index++) {
      ids.push((await post<{ id: string }>(this.url, 'events', body, { authorization: `Bearer ${this.staff}` })).id)
    }
    return ids
  }

  async held(eventIds: readonly string[]): Promise<number> {
    const sql = `
      SELECT (SELECT COALESCE(SUM(quantity), 0) FROM holds WHERE event_id = ANY($1) AND state = 'HELD')::int AS held,
        (SELECT COALESCE(SUM(units), 0) FROM balances WHERE event_id = ANY($1) AND account = 'HELD')::int AS balance,
        (SELECT COALESCE(SUM(quantity), 0) FROM stock_movements WHERE event_id = ANY($1) AND to_account = 'HELD')::int AS moved`
    const { rows } = await this.pool.query<{ held: number; balance: number; moved: number }>(sql, [eventIds])
    return agreed(rows[0]?.held, rows[0]?.balance, rows[0]?.moved)
  }

  async stop(): Promise<void> {
    await this.pool.end()
    const ended = once(this.process, 'exit')
    this.process.kill('SIGTERM')
    await ended
  }
}

export function startService(port: number, databaseUrl: string, redisUrl: string): ChildProcess {
  const profile = PROFILE === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${PROFILE}`]
  const env = {
    PATH: process.env['PATH'],
    NODE_ENV: 'production',
    ROLE: 'all',
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    AUTH_SECRET: 'only for this benchmark',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    DEMO: 'off',
    // An account may make 60 changes a minute: these customers represent many more.
    CUSTOMER_RATE_LIMIT: '1000000/1',
    // Accounts are registered from several addresses, as a proxy reports them.
    TRUSTED_PROXIES: '127.0.0.1',
  }
  const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
  return spawn(process.execPath, [...profile, program], { env, stdio: ['ignore', 'ignore', 'inherit'] })
}

export async function untilReady(url: string, service: ChildProcess): Promise<void> {
  for (const until = performance.now() + 30_000; performance.now() < until; await sleep(100)) {
    if (service.exitCode !== null) throw new Error(`the service exited with code ${service.exitCode}`)
    const ready = await fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (ready) return
  }
  throw new Error('the service did not get ready')
}

function agreed(held: number | undefined, ...others: (number | undefined)[]): number {
  if (held === undefined || others.some((other) => other !== held)) {
    throw new Error(`records disagree: ${[held, ...others].join(', ')}`)
  }
  return held
}

async function customerToken(url: string, index: number): Promise<string> {
  const email = `buyer${index}@example.com`
  const password = 'a good password'
  const address = `198.51.100.${2 + (index % 200)}`
  await post(url, 'auth/register', { email, password, name: 'Buyer' }, { 'x-forwarded-for': address })
  return tokenOf(url, email, password, address)
}

export async function tokenOf(url: string, email: string, password: string, address: string): Promise<string> {
  const headers = { 'x-forwarded-for': address }
  return (await post<{ accessToken: string }>(url, 'auth/login', { email, password }, headers)).accessToken
}

export async function post<T>(url: string, path: string, body: object, headers: Record<string, string>): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}
