import type { TicketSnapshot } from '../domain/orders/order-snapshot.js'

/** What is recorded of a ticket for the door. Null: not known. */
export interface RecordedDetails {
  holderName: string | null
  holderEmail: string | null
  /** When the holder was erased, who is then not stored again; null: never. Not written. */
  holderErasedAt: Date | null
  ticketType: string | null
  externalCode: string | null
  /** When it was checked in on its platform; null: it is not. */
  externalCheckedInAt: Date | null
}

export const NO_DETAILS: RecordedDetails = {
  holderName: null,
  holderEmail: null,
  holderErasedAt: null,
  ticketType: null,
  externalCode: null,
  externalCheckedInAt: null,
}

/**
 * The details after a snapshot of the ticket. What the platform shows no longer, such as a member who has left, stays
 * recorded. While a ticket is checked in, the first time stays: some platforms only report that it is.
 * A holder who was erased is not stored again, nor a code that was erased with the holder. `erased`: the buyer of its order
 * was erased, and with it holders that are not recorded.
 */
export function ticketDetailsAfter(
  { details }: Pick<TicketSnapshot, 'details'>,
  recorded: RecordedDetails,
  erased: boolean,
): RecordedDetails {
  if (!details) return recorded
  const { holder, ticketType, code, checkedInAt } = details
  const storesHolder = holder !== null && !erased && recorded.holderErasedAt === null
  return {
    holderName: storesHolder ? holder.name : recorded.holderName,
    holderEmail: storesHolder ? holder.email : recorded.holderEmail,
    holderErasedAt: recorded.holderErasedAt,
    ticketType: ticketType ?? recorded.ticketType,
    externalCode: recorded.holderErasedAt === null ? (code ?? recorded.externalCode) : recorded.externalCode,
    externalCheckedInAt: checkedInAt && (recorded.externalCheckedInAt ?? checkedInAt),
  }
}

/** True if the details are other than those recorded. */
export function changesDetails(after: RecordedDetails, recorded: RecordedDetails): boolean {
  return (
    after.holderName !== recorded.holderName ||
    after.holderEmail !== recorded.holderEmail ||
    after.ticketType !== recorded.ticketType ||
    after.externalCode !== recorded.externalCode ||
    after.externalCheckedInAt?.getTime() !== recorded.externalCheckedInAt?.getTime()
  )
}
