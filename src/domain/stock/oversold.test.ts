import { describe, expect, it } from 'vitest'
import { emptyBalances } from './ledger-account.js'
import type { Movement } from './posting.js'
import { beyondCapacity, sellableAfterReclaim, oversoldBy } from './oversold.js'

const sale = (name: 'LUMA' | 'EVENTBRITE', quantity: number): Movement => {
  return { from: 'OVERSOLD', to: `SOLD:${name}`, quantity }
}

describe('oversoldBy and beyondCapacity', () => {
  it('attributes oversold tickets to the channel that sold them', () => {
    const movements = [sale('LUMA', 2), sale('EVENTBRITE', 3), sale('LUMA', 1)]
    expect(oversoldBy(movements)).toEqual(
      new Map([
        ['LUMA', 3],
        ['EVENTBRITE', 3],
      ]),
    )
  })

  it('covers oversold tickets with units returned by the same channel, and the oldest ones with other units', () => {
    const movements = [sale('LUMA', 2), sale('EVENTBRITE', 3)]
    movements.push({ from: 'SOLD:EVENTBRITE', to: 'OVERSOLD', quantity: 1 })
    movements.push({ from: 'CAPACITY', to: 'OVERSOLD', quantity: 3 })
    expect(oversoldBy(movements)).toEqual(new Map([['EVENTBRITE', 1]]))
    movements.push({ from: 'SOLD:LUMA', to: 'OVERSOLD', quantity: 1 }, sale('LUMA', 1))
    expect(oversoldBy(movements)).toEqual(new Map([['LUMA', 1]]))
  })

  it('counts tickets beyond the capacity only when no seat is unsold', () => {
    const balances = { ...emptyBalances(), CAPACITY: -10, 'SOLD:LUMA': 8, 'ALLOCATED:EVENTBRITE': 3, OVERSOLD: -1 }
    expect(beyondCapacity(balances)).toBe(0)
    expect(beyondCapacity({ ...balances, 'SOLD:LUMA': 12, OVERSOLD: -5 })).toBe(2)
  })
})

describe('sellableAfterReclaim', () => {
  const left = new Map([
    ['a', 9],
    ['b', 3],
  ])

  it('splits the covered units in proportion to what each channel has left', () => {
    expect(sellableAfterReclaim(left, 8)).toEqual(
      new Map([
        ['a', 6],
        ['b', 2],
      ]),
    )
    expect(sellableAfterReclaim(left, -3)).toEqual(
      new Map([
        ['a', 0],
        ['b', 0],
      ]),
    )
  })

  it('returns null when the channels have no more left than is covered', () => {
    expect(sellableAfterReclaim(left, 12)).toBeNull()
  })
})
