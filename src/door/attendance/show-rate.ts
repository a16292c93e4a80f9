/** Tickets sold and attended at one ended event on one account; `connectionId` null: sold directly. */
export interface EndedSales {
  connectionId: string | null
  sold: number
  attended: number
}

/** What came of the tickets sold at earlier events. */
export interface ShowHistory {
  events: number
  sold: number
  attended: number
  share: number
}

/** Earlier events that a share is learned from. */
export const MAX_EVENTS = 5

/** Attended of sold, to a tenth of a percent; null: nothing was sold. */
export function shareOf({ sold, attended }: Pick<EndedSales, 'sold' | 'attended'>): number | null {
  return sold === 0 ? null : Math.round((1_000 * attended) / sold) / 1_000
}

/**
 * The latest events of one account. One without any check-in there does not count: it is not known who came. Null: there is
 * none. `earlier`: the latest event first.
 */
export function historyOf(earlier: readonly EndedSales[], connectionId: string | null): ShowHistory | null {
  const known = earlier
    .filter((sales) => sales.connectionId === connectionId && sales.attended > 0)
    .slice(0, MAX_EVENTS)
  const sold = known.reduce((sum, sales) => sum + sales.sold, 0)
  const attended = known.reduce((sum, sales) => sum + sales.attended, 0)
  const share = shareOf({ sold, attended })
  return share === null ? null : { events: known.length, sold, attended, share }
}
