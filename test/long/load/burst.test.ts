import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startThingsApp, type ThingsApp } from '../../support/http/things-app.js'

let things: ThingsApp
beforeAll(async () => {
  things = await startThingsApp()
})
afterAll(() => things?.stop())

const BURST = 700

function open(): Promise<Socket> {
  const { hostname, port } = new URL(things.service.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket)).once('error', reject)
  })
}

/** The status of the response to this request on the connection. */
function statusOf(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.once('data', (data) => resolve(Number(/^HTTP\/1.1 (\d+)/.exec(data.toString())?.[1])))
    socket.once('close', () => reject(new Error('closed without a response')))
  })
}

describe('A burst from one address', () => {
  it.each(['/webhooks/luma', '/api/v1/things'])('is processed: %s', async (path) => {
    const sockets = await Promise.all(Array.from({ length: BURST }, open))
    await sleep(200)
    const statuses = sockets.map(statusOf)
    const body = JSON.stringify({ quantity: 1 })
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    for (const socket of sockets) socket.write(head)
    // Bodies often come in a packet of their own.
    await sleep(20)
    for (const socket of sockets) socket.write(body)
    const found = await Promise.all(statuses)
    expect(found.filter((status) => status >= 300)).toEqual([])
    for (const socket of sockets) socket.destroy()
  })
})
