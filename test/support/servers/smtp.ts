import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ReceivedMail {
  to: string
  /** Header and body as received. */
  raw: string
}

/** A mail server that stores what it receives and temporarily refuses the next `refusals` mails, and those that `refuses` names, after `refusalMs`. */
export class SmtpServer {
  readonly mails: ReceivedMail[] = []
  refusals = 0
  refuses: (recipient: string) => boolean = () => false
  refusalMs = 0
  url = ''
  private readonly sockets = new Set<Socket>()
  private readonly server = createServer((socket) => {
    this.sockets.add(socket)
    void this.serve(socket).catch(() => socket.destroy())
  })

  static async start(): Promise<SmtpServer> {
    const smtp = new SmtpServer()
    smtp.server.listen(0, '127.0.0.1')
    await once(smtp.server, 'listening')
    smtp.url = `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`
    return smtp
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
    await once(this.server, 'close')
  }

  private async serve(socket: Socket): Promise<void> {
    const reply = (line: string) => socket.write(`${line}\r\n`)
    let to = ''
    let data: string[] | null = null
    reply('220 test')
    for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
      if (data) {
        if (line !== '.') data.push(line.replace(/^\.\./, '.'))
        else {
          this.mails.push({ to, raw: data.join('\n') })
          data = null
          reply('250 stored')
        }
        continue
      }
      if (/^EHLO/i.test(line)) reply('250 test')
      else if (/^RCPT TO:/i.test(line)) {
        to = /<(.*)>/.exec(line)?.[1] ?? ''
        if (this.refusals > 0 || this.refuses(to)) {
          this.refusals = Math.max(0, this.refusals - 1)
          if (this.refusalMs > 0) await sleep(this.refusalMs)
          reply(`451 <${to}> try again later`)
        } else reply('250 ok')
      } else if (/^DATA/i.test(line)) {
        data = []
        reply('354 start mail input')
      } else if (/^QUIT/i.test(line)) {
        reply('221 bye')
        socket.end()
      } else reply('250 ok')
    }
  }
}
