import { SalesCsv } from '../events/history/sales-csv.js'
import { SalesCsvController } from '../events/history/sales-csv.controller.js'
import { TicketMails } from './ticket-mails.js'
import { TicketQrCodes } from './ticket-qr-codes.js'
import { TicketsController } from './tickets.controller.js'

/** Ticket controllers and providers of the sales module. */
export const TICKET_CONTROLLERS = [TicketsController, SalesCsvController]
export const TICKET_PROVIDERS = [SalesCsv, TicketMails, TicketQrCodes]
