/** An attendee with seats on one channel of an event. */
export interface SeatHolder {
  id: string
  /** The listing, or DIRECT: channels of one listing are one. */
  channel: string
  /** `nameKey` of the name; empty: it is not known. */
  name: string
  /** In lower case; null: not known. */
  email: string | null
  /** Whether the channel has the address from its owner, and not from a buyer who bought for others. */
  emailVerified: boolean
  seats: number
  /** When the seats were bought. */
  since: Date
}

export type Certainty = 'certain' | 'possible'

/** People who are probably one, on more than one channel. */
export interface DuplicateGroup<Holder extends SeatHolder> {
  certainty: Certainty
  by: 'EMAIL' | 'NAME'
  /** In the order in which they bought: the first is the one that the others duplicate. */
  holders: Holder[]
  /** Seats beyond those on the channel with the most: they may come free. */
  seats: number
}

/**
 * Who holds seats on several channels. The same verified address is certain. The same address that one of them only
 * entered is possible, as is the same name in any order of its words, unless several people on one channel have it: then
 * it is a common name, and no indication.
 */
export function findDuplicates<Holder extends SeatHolder>(holders: readonly Holder[]): DuplicateGroup<Holder>[] {
  const byEmail = groupsBy(holders, ({ email }) => email)
  const certain = byEmail.flatMap((group) => {
    const verified = group.filter(({ emailVerified }) => emailVerified)
    return groupOf('certain', 'EMAIL', verified)
  })
  const entered = byEmail.flatMap((group) => groupOf('possible', 'EMAIL', group))
  const named = groupsBy(holders, wordsInOrder).filter(isDistinctive)
  const known = new Set<string>()
  const groups = [...certain, ...entered, ...named.flatMap((group) => groupOf('possible', 'NAME', group))]
  return groups.filter(({ holders: [first, ...others] }) => {
    const pairs = others.map((other) => `${first?.id} ${other.id}`)
    const isNew = pairs.some((pair) => !known.has(pair))
    for (const pair of pairs) known.add(pair)
    return isNew
  })
}

/** For each holder the one it duplicates, and how certain that is: of several, the most certain. */
export function duplicatesOf<Holder extends SeatHolder>(
  groups: readonly DuplicateGroup<Holder>[],
): Map<string, { of: string; certainty: Certainty }> {
  const found = new Map<string, { of: string; certainty: Certainty }>()
  for (const { certainty, holders } of groups) {
    const [first, ...others] = holders
    for (const { id } of others) if (first && !found.has(id)) found.set(id, { of: first.id, certainty })
  }
  return found
}

/** Null: the name is not known. */
function wordsInOrder({ name }: SeatHolder): string | null {
  return name === '' ? null : name.split(' ').toSorted().join(' ')
}

function isDistinctive(group: readonly SeatHolder[]): boolean {
  return new Set(group.map(({ channel }) => channel)).size === group.length
}

function groupOf<Holder extends SeatHolder>(
  certainty: Certainty,
  by: 'EMAIL' | 'NAME',
  group: readonly Holder[],
): DuplicateGroup<Holder>[] {
  const ordered = group.toSorted((a, b) => a.since.getTime() - b.since.getTime() || (a.id < b.id ? -1 : 1))
  const [first] = ordered
  const others = ordered.filter(({ channel }) => channel !== first?.channel)
  if (!first || others.length === 0) return []
  const perChannel = new Map<string, number>()
  for (const { channel, seats } of group) perChannel.set(channel, (perChannel.get(channel) ?? 0) + seats)
  const counts = [...perChannel.values()]
  const seats = counts.reduce((sum, count) => sum + count, 0) - Math.max(...counts)
  return [{ certainty, by, holders: [first, ...others], seats }]
}

/** Holders with the same key, which null keeps out; groups of one are none. */
function groupsBy<Holder>(holders: readonly Holder[], keyOf: (holder: Holder) => string | null): Holder[][] {
  const groups = new Map<string, Holder[]>()
  for (const holder of holders) {
    const key = keyOf(holder)
    if (key === null) continue
    const group = groups.get(key)
    if (group) group.push(holder)
    else groups.set(key, [holder])
  }
  return [...groups.values()].filter(({ length }) => length > 1)
}
