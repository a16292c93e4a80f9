import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import pg from 'pg'
import { freePort } from '#embedded-services'
import { benchServers, hardware, line, type Figure } from './support/servers.js'
import type { Kind, LoadOrder } from './support/webhook-load.js'

/**
 * Webhook accepts per second against a bare receiver (Fastify and BullMQ `add`, nothing else), in one run, and latencies
 * at half of our maximum. `COUNT=2000 ROUNDS=1 npm run bench -- webhooks` is a short form.
 */
const COUNT = Number(process.env['COUNT'] ?? 12_000)
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const WARM_UP = Math.min(COUNT, 2_000)
const CONNECTIONS = 20
/** USER_HZ of Linux. */
const CLOCK_TICKS_PER_SECOND = 100
const OPEN_LOOP = { seconds: 10, connections: 200 }
const TOKEN = 'bench-webhook-token'
const SECRET = `whsec_${Buffer.from('only for this benchmark: 32 byte').toString('base64')}`
const KINDS: readonly Kind[] = ['eventbrite', 'luma']
const NAMES: Record<Kind, string> = {
  eventbrite: 'Eventbrite, secret path',
  luma: 'Luma, signed (Standard Webhooks)',
}

interface LoadFigure extends Figure {
  /** Of the receiver, per delivery: hardly depends on what else the machine does. */
  cpuMicros: number
}

interface Receiver {
  process: ChildProcess
  url: (kind: Kind) => string
  /** Deliveries that are stored durably. */
  stored: () => Promise<number>
  sent: number
}

const servers = await benchServers()
const redis = new Redis(servers.redisUrl)
const database = new pg.Client({ connectionString: servers.databaseUrl })
const children: ChildProcess[] = []
try {
  await database.connect()
  console.log(`Webhooks accepted, ${CONNECTIONS} connections, Redis with fsync before every response\n${hardware()}\n`)
  const generator = start('webhook-load.ts')
  const bare = await startBare()
  const ours = await startOurs()
  for (const kind of KINDS) await compare(generator, kind, bare, ours)
  await assertAllStored('the bare receiver', bare)
  await assertAllStored('Traffic Police', ours)
} finally {
  for (const child of children) child.kill('SIGKILL')
  redis.disconnect()
  await database.end()
  await servers.stop()
}

async function compare(generator: ChildProcess, kind: Kind, bare: Receiver, ours: Receiver): Promise<void> {
  const best = new Map<Receiver, LoadFigure>()
  const ratios: number[] = []
  const closedLoop = { count: COUNT, connections: CONNECTIONS, perSecond: null }
  for (let round = 0; round < ROUNDS; round++) {
    const perSecond: number[] = []
    // Alternating, so that neither always runs on the cooler machine.
    for (const receiver of round % 2 === 0 ? [bare, ours] : [ours, bare]) {
      await load(generator, kind, receiver, { ...closedLoop, count: WARM_UP })
      const figure = await load(generator, kind, receiver, closedLoop)
      perSecond.push(figure.perSecond)
      const known = best.get(receiver)
      if (!known || figure.perSecond > known.perSecond) best.set(receiver, figure)
    }
    const [first = 0, second = 0] = perSecond
    ratios.push(round % 2 === 0 ? second / first : first / second)
  }
  const [theirs, own] = [best.get(bare), best.get(ours)]
  if (!theirs || !own) throw new Error('nothing was measured')
  console.log(NAMES[kind])
  console.log(line('  bare Fastify + BullMQ add', theirs, 1))
  console.log(line('  Traffic Police, verified and durable', own, medianOf(ratios)))
  console.log(`  the ratio is the median of the pairs: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`)
  console.log(`  CPU of the receiver per delivery: ${micros(theirs)} and ${micros(own)}`)
  const perSecond = Math.round(own.perSecond / 2)
  const count = perSecond * OPEN_LOOP.seconds
  const half = await load(generator, kind, ours, { count, connections: OPEN_LOOP.connections, perSecond })
  console.log(`${line('  at half of it, from the intended start', half, half.p99 / 50)} (p99 to 50 ms)\n`)
}

/** Of pairs that were measured one after the other: on a shared machine the best of each may be from different moments. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function load(
  generator: ChildProcess,
  kind: Kind,
  receiver: Receiver,
  shape: Pick<LoadOrder, 'count' | 'connections' | 'perSecond'>,
): Promise<LoadFigure> {
  const order: LoadOrder = { ...shape, kind, url: receiver.url(kind), firstId: receiver.sent, secret: SECRET }
  const before = cpuSeconds(receiver.process)
  const figure = await new Promise<Figure>((resolve, reject) => {
    const onExit = () => reject(new Error('the load generator ended'))
    generator.once('exit', onExit)
    generator.once('message', (message: Figure) => {
      generator.off('exit', onExit)
      resolve(message)
    })
    generator.send(order)
  })
  receiver.sent += shape.count
  return { ...figure, cpuMicros: ((cpuSeconds(receiver.process) - before) / shape.count) * 1e6 }
}

async function assertAllStored(name: string, { sent, stored }: Receiver): Promise<void> {
  const count = await stored()
  if (count !== sent) throw new Error(`${name} accepted ${sent} deliveries and stored ${count}`)
  console.log(`${name}: all of ${sent} accepted deliveries are stored`)
}

function start(program: string, args: string[] = []): ChildProcess {
  const child = fork(fileURLToPath(new URL(`support/${program}`, import.meta.url)), args, { stdio: 'inherit' })
  children.push(child)
  return child
}

async function startBare(): Promise<Receiver> {
  const port = await freePort()
  const child = start('bare-receiver.mjs', [String(port), servers.redisUrl])
  await once(child, 'message')
  return {
    process: child,
    url: () => `http://127.0.0.1:${port}/hook`,
    stored: () => redis.llen('{bench}:bare:wait'),
    sent: 0,
  }
}

/** Without workers: what it accepts stays in the queue, or in the inbox if Redis did not reply in time. */
async function startOurs(): Promise<Receiver> {
  const port = await freePort()
  const env = {
    ...process.env,
    PORT: String(port),
    ROLE: 'api',
    DEMO: 'off',
    LOG_LEVEL: 'warn',
    AUTH_SECRET: 'only for this benchmark',
    DATABASE_URL: servers.databaseUrl,
    REDIS_URL: servers.redisUrl,
    EVENTBRITE_TOKEN: 'bench',
    EVENTBRITE_WEBHOOK_TOKEN: TOKEN,
    LUMA_API_KEY: 'bench',
    LUMA_WEBHOOK_SECRET: SECRET,
  }
  const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  children.push(child)
  const base = `http://127.0.0.1:${port}`
  await untilReady(base)
  return {
    process: child,
    url: (kind) => `${base}/webhooks/${kind === 'eventbrite' ? `eventbrite/${TOKEN}` : kind}`,
    stored: async () => {
      const { rows } = await database.query<{ count: string }>('select count(*) from webhook_inbox')
      return (await redis.llen('{traffic-police:deliveries}:deliveries:wait')) + Number(rows[0]?.count)
    },
    sent: 0,
  }
}

/** Of a process, in user mode and in the kernel; on Linux, NaN elsewhere. */
function cpuSeconds({ pid }: ChildProcess): number {
  if (process.platform !== 'linux') return Number.NaN
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? ''
  const [user, system] = afterName.split(' ').slice(11, 13)
  return (Number(user) + Number(system)) / CLOCK_TICKS_PER_SECOND
}

function micros({ cpuMicros }: LoadFigure): string {
  return `${Math.round(cpuMicros)} µs`
}

async function untilReady(base: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const ready = await fetch(`${base}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (ready) return
    await sleep(100)
  }
  throw new Error('the service did not get ready')
}
