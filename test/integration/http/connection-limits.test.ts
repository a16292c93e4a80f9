import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { trustOf } from '../../../src/infrastructure/http/clients/addresses.js'
import { limitConnections, type ConnectionLimit } from '../../../src/infrastructure/http/load/connection-limits.js'
import { stallMany } from '../../support/http/raw-requests.js'

let server: Server
let sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets) socket.destroy()
  sockets = []
  server.closeAllConnections()
  server.close()
})

async function start(limit: ConnectionLimit, proxies: string[] = []): Promise<string> {
  server = createServer((_request, response) => response.end('ok'))
  limitConnections(server, trustOf({ networks: proxies }), limit)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Opens connections from 127.0.1.1, 127.0.1.2 … that never complete their headers, and waits until `left` are still open. */
async function withoutHeaders(url: string, count: number, clients: number, left: number): Promise<void> {
  sockets = await stallMany(url, count, (index) => ({
    path: '/',
    from: `127.0.1.${1 + (index % clients)}`,
    contentLength: null,
  }))
  await expect.poll(() => sockets.filter(({ closed }) => !closed).length, { timeout: 10_000 }).toBe(left)
  await sleep(100)
  expect(sockets.filter(({ closed }) => !closed)).toHaveLength(left)
}

describe('Connections', () => {
  it('without complete headers give way to new ones', async () => {
    const url = await start({ perClient: 100, total: 40 })
    await withoutHeaders(url, 100, 20, 40)
    for (let n = 0; n < 5; n++) expect((await fetch(url)).status).toBe(200)
  })

  it('of one client are bounded', async () => {
    const url = await start({ perClient: 10, total: 1_000 })
    await withoutHeaders(url, 30, 1, 10)
    expect((await fetch(url)).status).toBe(200)
  })

  it('of a trusted proxy are not', async () => {
    const url = await start({ perClient: 10, total: 1_000 }, ['127.0.1.1'])
    await withoutHeaders(url, 30, 1, 30)
  })

  it('are counted down when they close', async () => {
    const url = await start({ perClient: 10, total: 1_000 })
    for (let round = 0; round < 3; round++) {
      await withoutHeaders(url, 10, 1, 10)
      for (const socket of sockets) socket.destroy()
      await sleep(100)
    }
  })
})
