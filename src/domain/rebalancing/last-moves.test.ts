import { describe, expect, it } from 'vitest'
import { lastMoves, type PastMove } from './last-moves.js'
import { UNALLOCATED } from './rebalance-view.js'

/** Moves a minute apart, as [donor, receiver, units]. */
function movesOf(...moves: [string, string, number][]): PastMove[] {
  return moves.map(([from, to, quantity], minute) => ({ from, to, quantity, plannedAt: at(minute) }))
}

const at = (minute: number) => new Date(minute * 60_000)
const receivedOf = (...moves: [string, string, number][]) => Object.fromEntries(lastMoves(movesOf(...moves)).received)

describe('lastMoves', () => {
  it('returns when each channel last donated and received units', () => {
    const { donated, received } = lastMoves(movesOf(['A', 'B', 1], ['B', 'A', 1], ['A', 'B', 2]))
    expect(Object.fromEntries(donated)).toEqual({ A: at(2), B: at(1) })
    expect(Object.fromEntries(received)).toEqual({ A: at(1), B: at(2) })
  })

  it('counts units of the reserve that no channel has released as not received', () => {
    expect(receivedOf([UNALLOCATED, 'A', 9], [UNALLOCATED, 'B', 9])).toEqual({})
  })

  it('counts a refill of released units as received, wherever they go', () => {
    expect(receivedOf(['A', 'B', 2], [UNALLOCATED, 'B', 1], [UNALLOCATED, 'C', 1])).toEqual({ B: at(1), C: at(2) })
    expect(receivedOf(['A', 'B', 2], [UNALLOCATED, 'A', 2])).toEqual({ A: at(1), B: at(0) })
  })

  it('counts released units once', () => {
    const released: [string, string, number][] = [
      ['A', 'B', 2],
      ['C', 'B', 1],
      [UNALLOCATED, 'B', 3],
    ]
    expect(receivedOf(...released, [UNALLOCATED, 'D', 1])).toEqual({ B: at(2) })
    expect(receivedOf(...released, ['B', 'A', 1], [UNALLOCATED, 'D', 1])).toMatchObject({ D: at(4) })
  })
})
