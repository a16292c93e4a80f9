import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '#embedded-services'
import { benchServers, drive, hardware, line, type Figure } from './support/servers.js'

/** Webhook accepts per second against a bare receiver (Fastify and BullMQ `add`, nothing else), in one run. */
const COUNT = 12_000
const WARM_UP = 1_000
const PARALLEL = 20
const TOKEN = 'bench-webhook-token'
const ROUNDS = 2

const body = JSON.stringify({
  config: {
    action: 'order.placed',
    user_id: '300000000001',
    endpoint_url: 'https://sync.example.com/x',
    webhook_id: '15900001',
  },
  api_url: 'https://www.eventbriteapi.com/v3/orders/15600000001/',
})

const servers = await benchServers()
const children: ChildProcess[] = []
try {
  console.log(`Webhooks accepted, ${PARALLEL} connections, Redis with fsync before every response\n${hardware()}\n`)
  const bare = await startBare()
  const ours = await startOurs()
  const best: Record<'bare' | 'ours', Figure | null> = { bare: null, ours: null }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, url] of [
      ['bare', bare],
      ['ours', ours],
    ] as const) {
      const figure = await load(url)
      if (!best[name] || figure.perSecond > best[name].perSecond) best[name] = figure
    }
  }
  if (!best.bare || !best.ours) throw new Error('nothing was measured')
  console.log(line('bare Fastify + BullMQ add', best.bare, 1))
  console.log(line('Traffic Police, verified and durable', best.ours, best.ours.perSecond / best.bare.perSecond))
} finally {
  for (const child of children) child.kill('SIGKILL')
  await servers.stop()
}

async function load(url: string): Promise<Figure> {
  const agent = new Agent({ keepAlive: true, maxSockets: PARALLEL })
  await drive(WARM_UP, PARALLEL, () => post(url, agent))
  const figure = await drive(COUNT, PARALLEL, () => post(url, agent))
  agent.destroy()
  return figure
}

function post(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.on('end', () =>
        response.statusCode === 202 ? resolve() : reject(new Error(`returned ${response.statusCode}`)),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function startBare(): Promise<string> {
  const port = await freePort()
  const program = fileURLToPath(new URL('support/bare-receiver.mjs', import.meta.url))
  const child = fork(program, [String(port), servers.redisUrl], { stdio: 'inherit' })
  children.push(child)
  await once(child, 'message')
  return `http://127.0.0.1:${port}/hook`
}

async function startOurs(): Promise<string> {
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
  }
  const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  children.push(child)
  const base = `http://127.0.0.1:${port}`
  for (let attempt = 0; attempt < 200; attempt++) {
    const ready = await fetch(`${base}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (ready) return `${base}/webhooks/eventbrite/${TOKEN}`
    await sleep(100)
  }
  throw new Error('the service did not get ready')
}
