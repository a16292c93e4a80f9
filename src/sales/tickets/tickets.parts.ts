import { SalesCsv } from './sales-csv.js'
import { SalesCsvController } from './sales-csv.controller.js'
import { TicketMails } from './ticket-mails.js'
import { TicketPictures } from './ticket-pictures.js'
import { TicketsController } from './tickets.controller.js'

/** What the sales module has for tickets. */
export const TICKET_CONTROLLERS = [TicketsController, SalesCsvController]
export const TICKET_PROVIDERS = [SalesCsv, TicketMails, TicketPictures]
