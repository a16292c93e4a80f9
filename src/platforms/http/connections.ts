import { Agent as HttpAgent, type ClientRequestArgs } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

const KEPT = { keepAlive: true, maxSockets: 20, maxFreeSockets: 5 }
const NEW = { keepAlive: false, maxSockets: 20 }

export interface Agents {
  httpAgent: HttpAgent
  httpsAgent: HttpsAgent
}

type Created = (error: Error | null, stream: Duplex) => void

/** Connections that must stand (TLS included) within a time, and of which is known whether they ever did. */
export class Connections {
  /** Used again, as long as the server keeps them. */
  readonly kept: Agents
  /** One for each request: nobody can close it just when the request goes out. */
  readonly fresh: Agents
  private readonly established = new WeakSet<Duplex>()

  constructor(connectMs: number) {
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
    this.kept = { httpAgent: new Http(KEPT), httpsAgent: new Https(KEPT) }
    this.fresh = { httpAgent: new Http(NEW), httpsAgent: new Https(NEW) }
  }

  /** False: not a byte of a request can have gone out through it. */
  stood(socket: Duplex | null | undefined): boolean {
    return socket !== null && socket !== undefined && this.established.has(socket)
  }

  close(): void {
    for (const { httpAgent, httpsAgent } of [this.kept, this.fresh]) {
      httpAgent.destroy()
      httpsAgent.destroy()
    }
  }

  private watch(socket: Duplex | null | undefined, connectMs: number): Duplex | null | undefined {
    if (!socket) return socket
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${connectMs} ms`)), connectMs)
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      this.established.add(socket)
    })
    socket.once('close', () => clearTimeout(timer))
    return socket
  }
}
