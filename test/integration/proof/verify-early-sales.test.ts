import { describe, expect, it } from 'vitest'
import { recomputed, verify } from '../../support/fixtures/proof-records.js'

describe('A record with a sale beyond the cap', () => {
  const at = '2026-11-18T13:00:00.000Z'
  const later = '2026-11-18T13:00:10.000Z'
  const channel = (id: string, platform: string) => {
    const state = { id, platform, cap: 10, confirmed: true, detached: false, sold: 9, carts: 0 }
    return { ...state, open: null, uncounted: null, uncountedSince: null }
  }
  const balances = { CAPACITY: -20, 'ALLOCATED:chn_1': 1, 'SOLD:chn_1': 9, 'ALLOCATED:chn_2': 1, 'SOLD:chn_2': 9 }
  const channels = [channel('chn_1', 'LUMA'), channel('chn_2', 'MEETUP')]
  const started = { kind: 'STARTED', at, event: 'evt_1', balances, channels }
  const moved = (kind: string, ...moves: unknown[]) => ({ kind, at, operation: 'op', reason: 'OTHER', moves })
  const sale = moved('SALE', ['ALLOCATED:chn_1', 'SOLD:chn_1', 1], ['OVERSOLD', 'SOLD:chn_1', 1])
  const overSold = moved('SALE', ['OVERSOLD', 'SOLD:chn_1', 1])
  const cancellation = moved('CANCELLATION', ['SOLD:chn_1', 'OVERSOLD', 1])
  const count = (sold: number, cap = 10) => {
    const counts = { channel: 'chn_1', mode: 'OPEN', cap, sold, carts: 0, settled: false, counted: true }
    return { ...counts, kind: 'READING', at: later, asOf: later }
  }
  const write = (id: string, cap: number) => {
    const line = { at, channel: id, write: 1, cap, mode: 'OPEN' }
    const counts = { sold: 9, carts: 0, settled: true, asOf: at }
    return [
      { ...line, kind: 'CAP_WRITE' },
      { ...line, ...counts, kind: 'CAP_CONFIRMED' },
    ]
  }

  it('is accepted once a cancellation that made room for it is recorded, also after a count that agrees', async () => {
    for (const lines of [
      [sale, cancellation],
      [sale, cancellation, count(10)],
      [sale, count(10), cancellation],
      // A cancellation may be recorded in parts, and more may be sold in the room that it made.
      [sale, overSold, cancellation, cancellation, moved('CANCELLATION', ['SOLD:chn_1', 'ALLOCATED:chn_1', 2])],
    ]) {
      const { code, output } = await verify(recomputed([started, ...lines]))
      expect({ code, output }).toEqual({
        code: 0,
        output: expect.stringMatching(/Lines 2-\d: [12] of LUMA chn_1 do not/),
      })
      expect(output).toContain('20 of 20 units, 0 free')
    }
  })

  it('is rejected with its line where no cancellation is recorded after it', async () => {
    const direct = moved('HOLD_ENDED', ['ALLOCATED:chn_2', 'UNALLOCATED', 1])
    const capacity = moved('CAPACITY', ['CAPACITY', 'UNALLOCATED', 1])
    for (const lines of [
      [sale],
      [sale, count(10)],
      [sale, ...write('chn_2', 9), direct],
      [sale, capacity],
      [
        moved('CANCELLATION', ['SOLD:chn_1', 'ALLOCATED:chn_1', 1]),
        moved('SALE', ['ALLOCATED:chn_1', 'SOLD:chn_1', 2]),
        overSold,
      ],
      // One cancellation makes room for one ticket.
      [sale, overSold, cancellation],
    ]) {
      const { code, output } = await verify(recomputed([started, ...lines]))
      expect({ code, output }).toEqual({
        code: 1,
        output: expect.stringMatching(
          /^Not valid\. Line [24]: over capacity: LUMA chn_1 11 \+ .* = 21 of 20\. Cause: SALE .*No cancellation since then/,
        ),
      })
    }
  })

  it('is rejected where the platform counts it, even if it is cancelled afterwards or the units of others cover it', async () => {
    for (const [counted, lines] of [
      [3, [sale, count(11), cancellation]],
      [2, [count(11), sale, cancellation]],
      [5, [sale, ...write('chn_2', 9), count(11)]],
      // A cap that is raised afterwards did not permit it.
      [5, [sale, ...write('chn_2', 9), count(11, 11), cancellation]],
    ] as const) {
      const { code, output } = await verify(recomputed([started, ...lines]))
      expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('over capacity: LUMA chn_1 11') })
      expect(output).toMatch(new RegExp(`^Not valid\\. Line ${counted}: `))
    }
  })

  it('excuses no cap of the service and no direct sale that does not fit', async () => {
    const held = moved('HOLD', ['ALLOCATED:chn_2', 'HELD', 1])
    for (const [lines, cause] of [
      [[sale, ...write('chn_2', 11), cancellation], 'the service wrote a cap of 11 to MEETUP chn_2'],
      [[sale, ...write('chn_1', 11), cancellation], 'the service wrote a cap of 11 to LUMA chn_1'],
      [[sale, held, cancellation], 'HOLD 1 ALLOCATED:chn_2 -> HELD'],
    ] as const) {
      const { code, output } = await verify(recomputed([started, ...lines]))
      expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(`Cause: ${cause}`) })
      expect(output).toMatch(/^Not valid\. Line 3: over capacity: /)
    }
  })
})
