import type { Channel } from '../domain/channel-record.js'
import type { ProofFact } from '../domain/proof/proof-fact.js'
import { provenCap } from '../stock/proof/started-fact.js'
import type { ConfirmedState } from '../platforms/port.js'

/** Describes a channel update as a line of the proof, from the row before and after it; null: it changed nothing that counts. */
export type FactSource = (before: Channel, after: Channel) => ProofFact | null

/** A write that the platform confirmed; `superseded`: after a later one had started. */
export function confirmedFact(
  write: number,
  superseded: boolean,
  { cap, mode, sold, confirmedAt }: ConfirmedState,
): FactSource {
  return (before, after) => {
    const { id: channel } = after
    if (superseded) return { kind: 'CAP_CONFIRMED_LATE', channel, write, cap }
    return {
      kind: 'CAP_CONFIRMED',
      channel,
      write,
      cap,
      mode,
      sold: typeof sold === 'number' ? sold : null,
      carts: after.pendingTickets,
      asOf: confirmedAt.toISOString(),
      settled: after.unconfirmedCap === null,
      ...sentAt(before),
    }
  }
}

/** A write that had no effect; `counted`: the platform refused it and showed its count. */
export function failedFact(write: number, counted: { sold: number; pending: number } | null = null): FactSource {
  return (before, { id: channel }) => {
    const counts = counted ? { sold: counted.sold, carts: counted.pending } : {}
    return { kind: 'CAP_FAILED', channel, write, ...counts, ...sentAt(before) }
  }
}

/** A reading of the listing at `asOf`. Most change nothing and add no line. */
export function readingFact(asOf: Date): FactSource {
  return (before, after) => {
    const settled = before.unconfirmedCap !== null && after.unconfirmedCap === null
    const counted = before.uncountedSince !== null && after.uncountedSince === null
    const open = before.unconfirmedCap === null && after.unconfirmedCap !== null
    if (!settled && !counted && !open && !isKnownChange(before, after)) return null
    return {
      kind: 'READING',
      channel: after.id,
      cap: provenCap(after),
      mode: after.confirmedMode,
      sold: after.platformSold,
      carts: after.pendingTickets,
      asOf: asOf.toISOString(),
      settled,
      counted,
      // The cap does not limit the whole listing: it counts as one that may still take effect.
      ...(open ? { open: after.unconfirmedCap ?? 0 } : {}),
    }
  }
}

function isKnownChange(before: Channel, after: Channel): boolean {
  return (['confirmedCap', 'capUnlimited', 'confirmedMode', 'platformSold', 'pendingTickets'] as const).some(
    (column) => before[column] !== after[column],
  )
}

/** The instant at which the last request left is stamped on the row while the write is unconfirmed. */
function sentAt({ unconfirmedSince }: Channel): { sentAt?: string } {
  return unconfirmedSince ? { sentAt: unconfirmedSince.toISOString() } : {}
}
