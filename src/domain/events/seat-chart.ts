/** A section of the venue: rows in order, each with seats numbered from 1. */
export interface SeatSection {
  section: string
  rows: readonly { row: string; count: number }[]
}

export const MAX_SEATS = 50_000

/** Total number of seats. */
export function countSeats(chart: readonly SeatSection[]): number {
  return chart.reduce((sum, { rows }) => sum + rows.reduce((inRows, { count }) => inRows + count, 0), 0)
}

/** All seats as `section-row-number`, in chart order. */
export function seatLabels(chart: readonly SeatSection[]): string[] {
  return chart.flatMap(({ section, rows }) =>
    rows.flatMap(({ row, count }) => Array.from({ length: count }, (_, index) => `${section}-${row}-${index + 1}`)),
  )
}

/** The first duplicate seat label, or null. */
export function repeatedSeat(labels: readonly string[]): string | null {
  const seen = new Set<string>()
  for (const label of labels) {
    if (seen.has(label)) return label
    seen.add(label)
  }
  return null
}
