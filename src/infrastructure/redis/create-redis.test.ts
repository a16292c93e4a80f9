import { Logger } from '@nestjs/common'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { closeRedis, createRedis, waitUntilReady, type RedisClient } from './create-redis.js'
import { reconnectDelayMs } from './redis-options.js'

const servers: Server[] = []
const sockets = new Set<Socket>()
const clients: RedisClient[] = []
const lines: string[] = []

beforeAll(() => {
  const collect = (line: string): void => void lines.push(line)
  Logger.overrideLogger({ log: collect, warn: collect, error: collect })
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

/** Starts a server that responds to every command with `reply`; null sends no response. Returns its port. */
async function listen(reply: (command: string, connection: number) => string | null, port = 0): Promise<number> {
  let connections = 0
  const server = createServer((socket) => {
    const connection = ++connections
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      for (const [, name = ''] of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        const text = reply(name.toLowerCase(), connection)
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
  it('fails at once while no server is listening, and works once one is', async () => {
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
  ] as const)('times out commands of the use "%s" on a hanging server after %i ms', async (use, limit) => {
    const port = await listen((command) => (command === 'ping' ? null : healthy(command)))
    const client = open(port, use)
    await ready(client)
    const failure = await failureOf(client.ping())
    expect(failure.message).toBe('Command timed out')
    expect(failure.ms).toBeGreaterThan(limit - 20)
    expect(failure.ms).toBeLessThan(limit + 1000)
  })

  it.each(['READONLY You can not write against a replica.', 'LOADING Redis is loading the dataset in memory'])(
    'reconnects on the error "%s", and only a worker retries the command',
    async (errorReply) => {
      const rejectOnce = (command: string, connection: number) =>
        command === 'set' && connection === 1 ? `-${errorReply}\r\n` : healthy(command)
      const gate = open(await listen(rejectOnce))
      await ready(gate)
      expect(await failureOf(gate.set('a', 'b'))).toMatchObject({ message: errorReply })
      await expect.poll(() => gate.set('a', 'b').catch(String)).toBe('OK')
      const worker = open(await listen(rejectOnce), 'worker')
      await ready(worker)
      expect(await worker.set('a', 'b')).toBe('OK')
    },
  )

  it('queues a worker command until Redis is reachable', async () => {
    const port = await listen(healthy)
    await new Promise((resolve) => servers.pop()?.close(resolve))
    const response = open(port, 'worker').ping()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await listen(healthy, port)
    expect(await response).toBe('PONG')
  })
})

describe('the log of a Redis client', () => {
  it('has one line when Redis becomes unreachable and one when it is reachable again', async () => {
    const port = await listen(healthy)
    await new Promise((resolve) => servers.pop()?.close(resolve))
    const client = open(port)
    let attempts = 0
    client.on('close', () => attempts++)
    await expect.poll(() => attempts).toBeGreaterThan(3)
    await listen(healthy, port)
    await ready(client)
    expect(lines).toEqual([
      expect.stringMatching(/^Redis \(gate\) cannot be reached: /),
      'Redis (gate) is reachable again',
    ])
  })
})

describe('waitUntilReady', () => {
  it('waits for a successful connection, but not for a failed one', async () => {
    const good = await waitUntilReady(open(await listen(healthy)))
    expect(await good.ping()).toBe('PONG')
    const start = performance.now()
    const bad = await waitUntilReady(open(1))
    expect(bad.status).not.toBe('ready')
    expect(performance.now() - start).toBeLessThan(500)
  })

  it('waits at most a second for a server that does not respond', async () => {
    const start = performance.now()
    await waitUntilReady(open(await listen(() => null)))
    expect(performance.now() - start).toBeLessThan(2500)
  })
})

describe('closeRedis', () => {
  it('resolves immediately when Redis was never reachable', async () => {
    const client = open(1)
    const start = performance.now()
    await closeRedis(client)
    expect(performance.now() - start).toBeLessThan(500)
  })

  it('waits at most a second for a hanging server', async () => {
    const client = open(await listen((command) => (command === 'quit' ? null : healthy(command))), 'worker')
    await ready(client)
    const start = performance.now()
    await closeRedis(client)
    expect(performance.now() - start).toBeLessThan(2500)
  })
})

describe('reconnectDelayMs', () => {
  it('grows to at most one second', () => {
    expect(reconnectDelayMs(1)).toBeLessThanOrEqual(50)
    for (const attempt of [10, 100, 100_000]) {
      expect(reconnectDelayMs(attempt)).toBeGreaterThanOrEqual(500)
      expect(reconnectDelayMs(attempt)).toBeLessThanOrEqual(1000)
    }
  })
})
