import { Injectable } from '@nestjs/common'
import { NotComposable } from '../domain/errors.js'
import { Config } from '../infrastructure/config/config.js'
import type { Mail, MailKind } from '../infrastructure/mail/mail-outbox.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { ERASED } from '../infrastructure/text/erased.js'
import { Clock } from '../infrastructure/time/clock.js'
import { movedToWaitlistMail } from '../oversold/moved-to-waitlist-mail.js'
import { cancelledMail, cancelledTicketMail } from '../payments/cancellation/cancelled-mail.js'
import { failedMail, refundedMail } from '../payments/processing/payment-mails.js'
import { DirectOrderStore } from '../tickets/direct-order-store.js'
import { TicketMails } from '../tickets/ticket-mails.js'
import { receivedMail } from '../tickets/transfer-mails.js'
import { CurrentTransfers } from './current-transfers.js'
import { WaitlistLinks } from '../waitlist/waitlist-links.js'
import { offerMail, verificationMail } from '../waitlist/waitlist-mails.js'

/** What the audit log has about the cancellation of an order. */
interface Cancellation {
  before: { quantity: number }
  after: { reason: string; refundedPayment: string | null }
}

/** Composes mails from what they are about, unless that has changed since. */
@Injectable()
export class MailComposer {
  constructor(
    private readonly prisma: PrismaService,
    private readonly orders: DirectOrderStore,
    private readonly tickets: TicketMails,
    private readonly transfers: CurrentTransfers,
    private readonly links: WaitlistLinks,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** `about`: as in `MailToSend`; null: not recorded. Throws NotComposable. */
  async compose(kind: MailKind, about: string | null): Promise<Mail> {
    if (about === null) throw new NotComposable('It was not recorded what this mail is about.')
    const mail = await this.mailAbout(kind, about)
    if (!mail || mail.recipient === ERASED) throw new NotComposable('The recipient was erased.')
    return mail
  }

  private async mailAbout(kind: MailKind, about: string): Promise<Mail | undefined> {
    switch (kind) {
      case 'TICKETS':
        return this.ticketMail(about)
      case 'TICKET_RECEIVED':
        return this.receivedMail(about)
      case 'TICKET_GIVEN':
        throw new NotComposable('It was for who had the ticket before, whose address is not kept.')
      case 'TICKET_CANCELLED':
        return this.cancelledTicketMail(about)
      case 'ORDER_CANCELLED':
        return this.cancelledMail(about)
      case 'MOVED_TO_WAITLIST':
        return this.movedMail(about)
      case 'PAYMENT_FAILED':
      case 'PAYMENT_REFUNDED':
        return this.paymentMail(kind, about)
      case 'OFFER':
        return this.offerMail(about)
      case 'ENTRY_VERIFICATION':
        return this.verificationMail(about)
      case 'VERIFICATION':
      case 'PASSWORD_RESET':
        throw new NotComposable('Its link has expired. The owner of the account can request another one.')
      case 'PASSWORD_CHANGED':
        throw new NotComposable('It warned the owner of an account at that moment, and is of no use later.')
    }
  }

  private async ticketMail(orderId: string): Promise<Mail | undefined> {
    const order = await this.orderOf(orderId)
    if (order?.state === 'CANCELLED') throw new NotComposable('The order was cancelled.')
    if (!order) return undefined
    const sale = { ...order, priceCents: order.hold?.priceCents ?? 0, tickets: await this.orders.ticketsOf(orderId) }
    if (sale.tickets.length === 0) throw new NotComposable('Others have all tickets of the order.')
    return this.tickets.mailsOf(order.event, sale)[0]
  }

  private async receivedMail(transferId: string): Promise<Mail | undefined> {
    const ticket = await this.transfers.find(transferId)
    if (ticket === 'REPLACED') throw new NotComposable('The ticket was transferred to another person since.')
    if (ticket?.state === 'CANCELLED') throw new NotComposable('The ticket was cancelled.')
    if (!ticket || ticket.code === null || ticket.holderEmail === null) return undefined
    const { event, seat, code, holderName, holderEmail } = ticket
    return receivedMail(event, { transferId, seat, code, holderName, holderEmail }, this.config.http.publicUrl)
  }

  private async cancelledMail(orderId: string): Promise<Mail | undefined> {
    const order = await this.orderOf(orderId)
    const cancellation = await this.cancellationOf(orderId)
    if (!order || !cancellation) return undefined
    const { before, after } = cancellation
    const cancelled = { ...order, quantity: before.quantity }
    return cancelledMail(order.event, cancelled, after.reason, after.refundedPayment !== null)[0]
  }

  private async cancelledTicketMail(id: string): Promise<Mail | undefined> {
    const ticket = await this.prisma.ticket.findUnique({ where: { id }, include: { event: true } })
    const cancellation = ticket && (await this.cancellationOf(ticket.orderId))
    if (!ticket || !cancellation) return undefined
    const { event, seat, holderName: name, holderEmail: email } = ticket
    return cancelledTicketMail(event, { id, seat, holder: { name, email } }, cancellation.after.reason)[0]
  }

  private async cancellationOf(orderId: string): Promise<Cancellation | undefined> {
    const entry = await this.prisma.auditEntry.findFirst({
      where: { subject: orderId, action: 'order.cancel' },
      orderBy: { id: 'asc' },
    })
    return entry ? (entry as unknown as Cancellation) : undefined
  }

  private async movedMail(orderId: string): Promise<Mail | undefined> {
    const order = await this.orderOf(orderId)
    if (order?.state === 'PLACED') throw new NotComposable('The guest has a ticket again.')
    if (!order || order.buyer.email === null) return undefined
    return movedToWaitlistMail(order.event, { id: orderId, buyerName: order.buyer.name, buyerEmail: order.buyer.email })
  }

  private async paymentMail(kind: 'PAYMENT_FAILED' | 'PAYMENT_REFUNDED', id: string): Promise<Mail | undefined> {
    const payment = await this.prisma.payment.findUnique({ where: { id }, include: { event: true } })
    if (!payment) return undefined
    const { event, state, reason, dueAt } = payment
    if (kind === 'PAYMENT_REFUNDED' && state === 'REFUNDED') return refundedMail(event, payment)
    // While it is due the provider has not decided.
    if (kind === 'PAYMENT_FAILED' && state === 'FAILED') return failedMail(event, payment, reason ?? '', dueAt === null)
    throw new NotComposable(`The payment is ${state} by now.`)
  }

  private async offerMail(entryId: string): Promise<Mail | undefined> {
    const entry = await this.entryOf(entryId)
    if (!entry) return undefined
    const { state, hold } = entry
    const isOpen = state === 'OFFERED' && hold?.state === 'HELD' && hold.expiresAt > this.clock.now()
    if (!isOpen) throw new NotComposable('The offer has ended.')
    return offerMail(entry.event, entry, hold, this.links.toOffer(entryId, hold.id))
  }

  private async verificationMail(entryId: string): Promise<Mail | undefined> {
    const entry = await this.entryOf(entryId)
    if (!entry) return undefined
    if (entry.verifiedAt !== null) throw new NotComposable('The address is confirmed already.')
    if (entry.state !== 'WAITING') throw new NotComposable(`The entry is ${entry.state} by now.`)
    return verificationMail(entry.event, entry, this.links.toConfirmation(entryId))
  }

  private async orderOf(id: string) {
    const order = await this.prisma.order.findUnique({ where: { id }, include: { event: true, hold: true } })
    if (!order) return undefined
    const { buyerName, buyerEmail, ...rest } = order
    return { ...rest, buyer: { name: buyerName, email: buyerEmail } }
  }

  private entryOf(id: string) {
    return this.prisma.waitlistEntry.findUnique({ where: { id }, include: { event: true, hold: true } })
  }
}
