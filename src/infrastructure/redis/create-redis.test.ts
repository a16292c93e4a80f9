import { Logger } from '@nestjs/common'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { closeRedis, createRedis, settled, type RedisClient } from './create-redis.js'
import { reconnectDelayMs } from './redis-options.js'

const servers: Server[] = []
const sockets = new Set<Socket>()
const clients: RedisClient[] = []
const lines: string[] = []

beforeAll(() => {
  const keep = (line: string): void => void lines.push(line)
  Logger.overrideLogger({ log: keep, warn: keep, error: keep })
})

afterAll(() => Logger.overrideLogger(false))

beforeEach(() => {
  lines.length = 0
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => closeRedis(client)))
  for (const socket of sockets) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

/** A listener that answers every command by `answer`; null keeps silent. Answers its port. */
async function listen(answer: (command: string, connection: number) => string | null, port = 0): Promise<number> {
  let connections = 0
  const server = createServer((socket) => {
    const connection = ++connections
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      for (const [, name = ''] of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        const text = answer(name.toLowerCase(), connection)
        if (text !== null) socket.write(text)
      }
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function healthy(command: string): string {
  return command === 'info' ? '$8\r\nloading:\r\n' : command === 'ping' ? '+PONG\r\n' : '+OK\r\n'
}

function open(port: number, use: Parameters<typeof createRedis>[1] = 'gate'): RedisClient {
  const client = createRedis(`redis://127.0.0.1:${port}`, use)
  clients.push(client)
  return client
}

async function ready(client: RedisClient): Promise<void> {
  if (client.status !== 'ready') await new Promise((resolve) => client.once('ready', resolve))
}

async function failureOf(call: Promise<unknown>): Promise<{ message: string; ms: number }> {
  const start = performance.now()
  const message = await call.then(
    () => 'no failure',
    (error: Error) => error.message,
  )
  return { message, ms: performance.now() - start }
}

describe('createRedis', () => {
  it('fails at once while nobody listens, and works once somebody does', async () => {
    const port = await listen(healthy)
    await new Promise((resolve) => servers.pop()?.close(resolve))
    const client = open(port)
    const failure = await failureOf(client.ping())
    expect(failure.message).toMatch(/writeable/)
    expect(failure.ms).toBeLessThan(500)
    await listen(healthy, port)
    await ready(client)
    expect(await client.ping()).toBe('PONG')
  })

  it.each([
    ['gate', 500],
    ['limiter', 200],
    ['queue', 500],
    ['health', 500],
  ] as const)('gives up on a hanging server: %s after %i ms', async (use, limit) => {
    const port = await listen((command) => (command === 'ping' ? null : healthy(command)))
    const client = open(port, use)
    await ready(client)
    const failure = await failureOf(client.ping())
    expect(failure.message).toBe('Command timed out')
    expect(failure.ms).toBeGreaterThan(limit - 20)
    expect(failure.ms).toBeLessThan(limit + 1000)
  })

  it.each(['READONLY You can not write against a replica.', 'LOADING Redis is loading the dataset in memory'])(
    'reconnects when it meets %s, and only a worker repeats the command',
    async (refusal) => {
      const refuseOnce = (command: string, connection: number) =>
        command === 'set' && connection === 1 ? `-${refusal}\r\n` : healthy(command)
      const gate = open(await listen(refuseOnce))
      await ready(gate)
      expect(await failureOf(gate.set('a', 'b'))).toMatchObject({ message: refusal })
      await expect.poll(() => gate.set('a', 'b').catch(String)).toBe('OK')
      const worker = open(await listen(refuseOnce), 'worker')
      await ready(worker)
      expect(await worker.set('a', 'b')).toBe('OK')
    },
  )

  it('lets a worker command wait for Redis', async () => {
    const port = await listen(healthy)
    await new Promise((resolve) => servers.pop()?.close(resolve))
    const answer = open(port, 'worker').ping()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await listen(healthy, port)
    expect(await answer).toBe('PONG')
  })
})

describe('the log', () => {
  it('has one line when Redis goes away, however often it is tried, and one when it is back', async () => {
    const port = await listen(healthy)
    await new Promise((resolve) => servers.pop()?.close(resolve))
    const client = open(port)
    let attempts = 0
    client.on('close', () => attempts++)
    await expect.poll(() => attempts).toBeGreaterThan(3)
    await listen(healthy, port)
    await ready(client)
    expect(lines).toEqual([expect.stringMatching(/^Redis \(gate\) cannot be reached: /), 'Redis (gate) is back'])
  })
})

describe('settled', () => {
  it('waits for a good connection, but not for a bad one', async () => {
    const good = await settled(open(await listen(healthy)))
    expect(await good.ping()).toBe('PONG')
    const start = performance.now()
    const bad = await settled(open(1))
    expect(bad.status).not.toBe('ready')
    expect(performance.now() - start).toBeLessThan(500)
  })

  it('does not wait for a silent server longer than a second', async () => {
    const start = performance.now()
    await settled(open(await listen(() => null)))
    expect(performance.now() - start).toBeLessThan(2500)
  })
})

describe('closeRedis', () => {
  it('is quick when Redis was never there', async () => {
    const client = open(1)
    const start = performance.now()
    await closeRedis(client)
    expect(performance.now() - start).toBeLessThan(500)
  })

  it('does not wait for a hanging server longer than a second', async () => {
    const client = open(await listen((command) => (command === 'quit' ? null : healthy(command))), 'worker')
    await ready(client)
    const start = performance.now()
    await closeRedis(client)
    expect(performance.now() - start).toBeLessThan(2500)
  })
})

describe('reconnectDelayMs', () => {
  it('grows to one second and not beyond', () => {
    expect(reconnectDelayMs(1)).toBeLessThanOrEqual(50)
    for (const attempt of [10, 100, 100_000]) {
      expect(reconnectDelayMs(attempt)).toBeGreaterThanOrEqual(500)
      expect(reconnectDelayMs(attempt)).toBeLessThanOrEqual(1000)
    }
  })
})
