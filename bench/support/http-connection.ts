import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface HttpResponse {
  status: number
  body: string
}

const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * One kept-alive connection, one request at a time. Not Node's HTTP client, which costs as much as the receiver that is
 * measured and would take its cores. A response must have a `content-length`.
 */
export class HttpConnection {
  private pending: { resolve: (response: HttpResponse) => void; reject: (error: Error) => void } | null = null
  private received: Buffer = Buffer.alloc(0)

  static async open(host: string, port: number): Promise<HttpConnection> {
    const socket = connect({ host, port, noDelay: true })
    await once(socket, 'connect')
    return new HttpConnection(socket)
  }

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => this.onData(chunk))
    socket.on('error', (error) => this.pending?.reject(error))
    socket.on('close', () => this.pending?.reject(new Error('the connection was closed without a response')))
  }

  /** `request`: head and body. Rejects when the connection ends before the response. */
  send(request: Buffer): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject }
      this.socket.write(request)
    })
  }

  close(): void {
    this.socket.destroy()
  }

  private onData(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk])
    const headEnd = this.received.indexOf(HEAD_END)
    if (headEnd < 0) return
    const head = this.received.toString('latin1', 0, headEnd)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
    if (Number.isNaN(length)) throw new Error(`a response without a length: ${head}`)
    const bodyAt = headEnd + HEAD_END.length
    if (this.received.length < bodyAt + length) return
    const body = this.received.toString('utf8', bodyAt, bodyAt + length)
    this.received = Buffer.alloc(0)
    const { pending } = this
    this.pending = null
    pending?.resolve({ status: Number(head.slice(9, 12)), body })
  }
}
