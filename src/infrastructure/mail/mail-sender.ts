import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { createTransport } from 'nodemailer'
import { Config } from '../config/config.js'
import type { MailToSend } from './mail-outbox.js'

const CONNECT_WITHIN_MS = 10_000
const ANSWER_WITHIN_MS = 20_000
const CONNECTIONS = 4

/** Hands mails to the SMTP server; where none is configured, to the log. */
@Injectable()
export class MailSender implements OnApplicationShutdown {
  private readonly logger = new Logger('Mail')
  private readonly transport

  constructor(private readonly config: Config) {
    const { smtpUrl } = config.mail
    this.transport = smtpUrl === null ? null : createTransport(poolOf(smtpUrl))
  }

  /** Rejects when the server does not take it. A repeat has the same Message-ID, so that mail programs know it as one. */
  async send(id: string, mail: MailToSend): Promise<void> {
    const { kind, recipient, subject, text } = mail
    if (!this.transport) return this.log(mail)
    const { from, smtpUrl } = this.config.mail
    const messageId = `<${id}@${new URL(smtpUrl ?? '').hostname}>`
    await this.transport.sendMail({ from: from ?? '', to: { name: '', address: recipient }, subject, text, messageId })
    this.logger.debug({ mailId: id, kind }, 'mail sent')
  }

  onApplicationShutdown(): void {
    this.transport?.close()
  }

  /** As it is: without a server there is no other way to read it. */
  private log({ kind, recipient, subject, text }: MailToSend): void {
    this.logger.log(`${kind} for ${recipient}, not sent as SMTP_URL is not set: ${subject}\n${text}`)
  }
}

function poolOf(url: string) {
  const limits = {
    connectionTimeout: CONNECT_WITHIN_MS,
    greetingTimeout: CONNECT_WITHIN_MS,
    socketTimeout: ANSWER_WITHIN_MS,
  }
  // Files and addresses are never read for a mail's content.
  return {
    url,
    pool: true as const,
    maxConnections: CONNECTIONS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...limits,
  }
}
