import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  path: string
  headers: IncomingHttpHeaders
  /** As it was sent. */
  text: string
  body: Record<string, unknown>
}

/** Replaces Slack, Discord and receivers of webhooks: keeps what is posted to it. */
export class Receiver {
  readonly received: Received[] = []
  /** How the next requests are responded to. */
  respond: (response: ServerResponse, request: Received) => void = (response) => void response.writeHead(204).end()
  url = ''
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const received = { path: request.url ?? '', headers: request.headers, text, body: JSON.parse(text) as object }
      this.received.push(received as Received)
      this.respond(response, received as Received)
    })
  })

  static async start(): Promise<Receiver> {
    const receiver = new Receiver()
    receiver.server.listen(0, '127.0.0.1')
    await once(receiver.server, 'listening')
    receiver.url = `http://127.0.0.1:${(receiver.server.address() as AddressInfo).port}`
    return receiver
  }

  /** What was posted to this path. */
  at(path: string): Received[] {
    return this.received.filter((one) => one.path === path)
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }
}
