import { describe, expect, it } from 'vitest'
import { duplicatesOf, findDuplicates, type SeatHolder } from './duplicates.js'
import { nameKey } from './name-key.js'
import { syntheticPeople } from './synthetic-people.test-support.js'

const DAY_MS = 86_400_000
let count = 0
const holder = (channel: string, name: string, fields: Partial<SeatHolder> = {}): SeatHolder => {
  count += 1
  const since = new Date(count * DAY_MS)
  return { id: `h${count}`, channel, name: nameKey(name), email: null, emailVerified: true, seats: 1, since, ...fields }
}
const summary = (holders: SeatHolder[]) =>
  findDuplicates(holders).map(({ certainty, by, holders: group, seats }) => {
    return [certainty, by, group.map(({ id }) => holders.findIndex((one) => one.id === id)), seats]
  })
const ADA = { email: 'ada@example.com' }

describe('Duplicate people', () => {
  it('are certain with the same verified address on two channels, also with other names', () => {
    expect(summary([holder('a', 'Ada L', ADA), holder('b', 'A. Lovelace', ADA)])).toEqual([
      ['certain', 'EMAIL', [0, 1], 1],
    ])
  })

  it('are possible with an address that another person may have entered', () => {
    expect(summary([holder('a', 'Ada', ADA), holder('b', 'Bo', { ...ADA, emailVerified: false })])).toEqual([
      ['possible', 'EMAIL', [0, 1], 1],
    ])
  })

  it('are possible with the same full name in another spelling and order', () => {
    expect(summary([holder('a', 'José García'), holder('b', 'garcia jose'), holder('c', 'Another Name')])).toEqual([
      ['possible', 'NAME', [0, 1], 1],
    ])
    expect(summary([holder('a', '王小明'), holder('b', '王小明')])).toEqual([['possible', 'NAME', [0, 1], 1]])
  })

  it('are not those who have no name, or are on one channel', () => {
    expect(summary([holder('a', ''), holder('b', '')])).toEqual([])
    expect(summary([holder('a', 'Ada Example', ADA), holder('a', 'Ada Example', ADA)])).toEqual([])
  })

  it('are not those with a name that several people on one channel have', () => {
    expect(summary([holder('a', 'Maria Silva'), holder('a', 'Maria Silva'), holder('b', 'Maria Silva')])).toEqual([])
  })

  it('are listed once if both the address and the name are the same', () => {
    expect(summary([holder('a', 'Ada Example', ADA), holder('b', 'Ada Example', ADA)])).toHaveLength(1)
  })

  it('may give back the seats beyond those on the channel with the most', () => {
    const party = [holder('a', 'Ada Example', { ...ADA, seats: 3 }), holder('b', 'Ada', { ...ADA, seats: 2 })]
    expect(summary([...party, holder('b', 'Ada', { ...ADA, seats: 2 })])).toEqual([['certain', 'EMAIL', [0, 1, 2], 3]])
  })

  it('duplicate the one who bought first, with the most certain match', () => {
    const holders = [holder('a', 'Ada Example', ADA), holder('b', 'Ada Example', { seats: 2 }), holder('c', 'Ada', ADA)]
    const [first, byName, byEmail] = holders.map(({ id }) => id)
    expect([...duplicatesOf(findDuplicates(holders))]).toEqual([
      [byEmail, { of: first, certainty: 'certain' }],
      [byName, { of: first, certainty: 'possible' }],
    ])
  })
})

describe('Among 10,000 people with common names', () => {
  const { holders, personOf } = syntheticPeople(10_000)
  const truePairs = pairsOf(groupBy(holders, ({ id }) => personOf.get(id) ?? ''))
  const rates = (certainty: 'certain' | 'possible') => {
    const groups = findDuplicates(holders).filter((group) => group.certainty === certainty)
    const found = pairsOf(groups.map((group) => group.holders))
    const right = [...found].filter((pair) => truePairs.has(pair)).length
    return { found: found.size, precision: right / found.size, recall: right / truePairs.size }
  }

  it('finds no false certain one, and as many as have one address everywhere', () => {
    const { found, precision, recall } = rates('certain')
    expect(precision).toBe(1)
    expect({ found, recall: recall.toFixed(2) }).toEqual({ found: 532, recall: '0.36' })
  })

  it('finds possible ones at the stated error rates', () => {
    const { precision, recall } = rates('possible')
    expect({ precision: precision.toFixed(2), recall: recall.toFixed(2) }).toEqual({
      precision: '0.31',
      recall: '0.34',
    })
  })
})

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return [...groups.values()]
}

/** Pairs on different channels, each as the ids in order. */
function pairsOf(groups: readonly (readonly SeatHolder[])[]): Set<string> {
  const pairs = new Set<string>()
  for (const group of groups) {
    for (const one of group)
      for (const other of group)
        if (one.id < other.id && one.channel !== other.channel) pairs.add(`${one.id} ${other.id}`)
  }
  return pairs
}
