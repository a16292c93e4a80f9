/** What is recorded of a ticket: when it was checked in here and on its platform; null: it was not. */
export interface RecordedCheckIns {
  own: Date | null
  external: Date | null
}

export interface CheckInDecision {
  /** The time to record; null: the recorded one stays. */
  record: Date | null
  /** Whether this scan is the one that counts. */
  first: boolean
  /** The first time, after this scan. */
  checkedInAt: Date
}

/**
 * The first scan in time counts, also one that a phone reports later. `at` null: it happens now, so whatever is recorded
 * was before, even if the clock of another phone is ahead.
 */
export function decideCheckIn({ own, external }: RecordedCheckIns, at: Date | null, now: Date): CheckInDecision {
  const known = earliest(own, external)
  const time = at ?? now
  const isEarlier = (other: Date | null) => other === null || (at !== null && at < other)
  const record = isEarlier(own) ? time : null
  const first = isEarlier(known)
  return { record, first, checkedInAt: first || known === null ? time : known }
}

export function earliest(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other
  return one <= other ? one : other
}
