import type { Choice, Listed } from './choice'

const SAME_DATE_MS = 12 * 3_600_000
/** Share of the words of the shorter name that the other one has, too. */
const SIMILAR = 0.6

/** Listings on other accounts that are probably the same event as a chosen one: free ones of the same date and a similar name. */
export function similarTo(chosen: readonly Choice[], listed: readonly Listed[]): Listed[] {
  const used = new Set(chosen.map(({ connection }) => connection.id))
  return listed.filter(
    (other) =>
      !used.has(other.connection.id) &&
      other.listing.eventId === null &&
      chosen.some((choice) => isSameDate(choice, other) && isSimilarName(choice.listing.name, other.listing.name)),
  )
}

function isSameDate({ listing: a }: Listed, { listing: b }: Listed): boolean {
  if (a.startsAt === null || b.startsAt === null) return false
  return Math.abs(Date.parse(a.startsAt) - Date.parse(b.startsAt)) <= SAME_DATE_MS
}

function isSimilarName(a: string, b: string): boolean {
  const [first, second] = [wordsOf(a), wordsOf(b)]
  const shorter = Math.min(first.size, second.size)
  return shorter > 0 && [...first].filter((word) => second.has(word)).length >= SIMILAR * shorter
}

/** Without accents, in small letters. */
function wordsOf(name: string): Set<string> {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return new Set(plain.match(/[\p{L}\p{N}]+/gu))
}
