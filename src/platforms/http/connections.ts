import { Agent as HttpAgent, type ClientRequestArgs } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Timers } from '../../infrastructure/time/timers.js'

const KEEP_ALIVE = { keepAlive: true, maxSockets: 20, maxFreeSockets: 5 }
const FRESH = { keepAlive: false, maxSockets: 20 }

export interface Agents {
  httpAgent: HttpAgent
  httpsAgent: HttpsAgent
}

type Created = (error: Error | null, stream: Duplex) => void

/** HTTP agents with a connect timeout (TLS included) that remember which sockets were established. */
export class Connections {
  /** Connections are reused as long as the server keeps them open. */
  readonly keepAlive: Agents
  /** A new connection per request, which the server has no reason to close at the moment of sending. */
  readonly fresh: Agents
  private readonly established = new WeakSet<Duplex>()

  constructor(
    connectMs: number,
    private readonly timers: Timers,
  ) {
    const watch = (socket: Duplex | null | undefined) => this.watch(socket, connectMs)
    class Http extends HttpAgent {
      override createConnection(options: ClientRequestArgs, created?: Created) {
        return watch(super.createConnection(options, created))
      }
    }
    class Https extends HttpsAgent {
      override createConnection(options: RequestOptions, created?: Created) {
        return watch(super.createConnection(options, created))
      }
    }
    this.keepAlive = { httpAgent: new Http(KEEP_ALIVE), httpsAgent: new Https(KEEP_ALIVE) }
    this.fresh = { httpAgent: new Http(FRESH), httpsAgent: new Https(FRESH) }
  }

  /** False: not a byte of a request can have been sent over it. */
  wasEstablished(socket: Duplex | null | undefined): boolean {
    return socket !== null && socket !== undefined && this.established.has(socket)
  }

  close(): void {
    for (const { httpAgent, httpsAgent } of [this.keepAlive, this.fresh]) {
      httpAgent.destroy()
      httpsAgent.destroy()
    }
  }

  private watch(socket: Duplex | null | undefined, connectMs: number): Duplex | null | undefined {
    if (!socket) return socket
    const cancel = this.timers.after(connectMs, () => {
      socket.destroy(new Error(`no connection within ${connectMs} ms`))
    })
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      cancel()
      this.established.add(socket)
    })
    socket.once('close', cancel)
    return socket
  }
}
