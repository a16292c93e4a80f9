import { Agent as HttpAgent, type ClientRequestArgs } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

const KEPT = { keepAlive: true, maxSockets: 20, maxFreeSockets: 5 }

type Created = (error: Error | null, stream: Duplex) => void

/** Kept-alive connections that must stand (TLS included) within a time, and of which is known whether they ever did. */
export class Connections {
  readonly httpAgent: HttpAgent
  readonly httpsAgent: HttpsAgent
  private readonly established = new WeakSet<Duplex>()

  constructor(connectMs: number) {
    const watch = (socket: Duplex | null | undefined) => this.watch(socket, connectMs)
    this.httpAgent = new (class extends HttpAgent {
      override createConnection(options: ClientRequestArgs, created?: Created) {
        return watch(super.createConnection(options, created))
      }
    })(KEPT)
    this.httpsAgent = new (class extends HttpsAgent {
      override createConnection(options: RequestOptions, created?: Created) {
        return watch(super.createConnection(options, created))
      }
    })(KEPT)
  }

  /** False: not a byte of a request can have gone out through it. */
  stood(socket: Duplex | null | undefined): boolean {
    return socket !== null && socket !== undefined && this.established.has(socket)
  }

  close(): void {
    this.httpAgent.destroy()
    this.httpsAgent.destroy()
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
