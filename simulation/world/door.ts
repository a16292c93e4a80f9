import type { WorldListing } from './listings.js'

/** One scan of a phone, as the world knows it. */
export interface Scan {
  eventId: string
  /** What is scanned: a code, or a ticket chosen in the list. */
  code: string | null
  ticketId: string | null
  /** Null: staff at a screen, who check in now. */
  deviceId: string | null
  at: Date | null
  /** From when on it may be recorded, and since when a response has confirmed it, ms; null: none has. */
  sinceMs: number
  doneMs: number | null
  /** The ticket that the response names; null: none, or it was refused. */
  letIn: string | null
}

interface TakeBack {
  ticketId: string
  sinceMs: number
  doneMs: number | null
}

/** People who were counted at the door. */
interface Counted {
  eventId: string
  id: string
  quantity: number
  takenBack: boolean
}

/** What really happened at the doors. */
export class Door {
  readonly scans: Scan[] = []
  readonly takeBacks: TakeBack[] = []
  readonly counted: Counted[] = []
  /** Requests that have no response yet. */
  open = 0
  /** Ids of the orders that were checked in on their platform, by listing. */
  private readonly onPlatforms = new Map<WorldListing, Set<string>>()

  /** It may be cancelled later. */
  checkedInOnPlatform(listing: WorldListing, orderId: string): void {
    this.onPlatforms.set(listing, new Set([...this.ordersIn(listing), orderId]))
  }

  ordersIn(listing: WorldListing): ReadonlySet<string> {
    return this.onPlatforms.get(listing) ?? new Set()
  }
}
