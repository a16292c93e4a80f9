import { Logger } from '@nestjs/common'
import { beforeAll, describe, expect, it } from 'vitest'
import { parsed, recomputed, verify } from '../../support/fixtures/proof-records.js'
import { ProofRun } from '../../support/fixtures/proof-run.js'

beforeAll(() => Logger.overrideLogger(false))

describe('A record over the capacity', () => {
  const guaranteedRun = async () => {
    for (let seed = 1; ; seed++) {
      const run = new ProofRun(seed)
      if (run.listings.length < 2) continue
      await run.perform(0)
      const { output, code } = await verify(await run.record())
      if (code === 0 && !/Not under the guarantee/.test(output)) return run
    }
  }

  it('because a cap was raised manually on the platform is rejected with the line of the reading', async () => {
    const run = await guaranteedRun()
    const [listing] = run.listings
    Object.assign(listing ?? {}, { cap: 5_000, mode: 'OPEN' })
    await run.readAll()
    const record = await run.record()
    const line = parsed(record).findIndex(({ kind, cap }) => kind === 'READING' && cap === 5_000) + 1
    expect(line).toBeGreaterThan(0)
    const { code, output } = await verify(record)
    expect(code).toBe(1)
    expect(output).toMatch(
      new RegExp(
        `^Not valid\\. Line ${line}: over capacity: .* = \\d+ of \\d+\\. Cause: the cap of \\S+ chn_\\S+ was changed on the platform to 5000, not by the service`,
      ),
    )
  })

  it('because the service raised a cap with its guards off is rejected with the line of the write', async () => {
    const run = await guaranteedRun()
    const before = parsed(await run.record()).length
    await run.raiseWithoutGuards()
    const record = await run.record()
    const { code, output } = await verify(record)
    expect(code).toBe(1)
    const line = Number(/^Not valid\. Line (\d+): over capacity: /.exec(output)?.[1])
    expect(line).toBeGreaterThan(before)
    expect(parsed(record)[line - 1]).toMatchObject({ kind: 'CAP_WRITE' })
    expect(output).toMatch(/Cause: the service wrote a cap of \d+ to \w+ chn_/)
  })

  it('before the service has confirmed a cap is the period before the guarantee, and after it a failure', async () => {
    const run = new ProofRun(4)
    await run.perform(1)
    const [started] = parsed(await run.record())
    const at = started?.at
    const channel = { id: 'chn_1', platform: 'LUMA', cap: 500, confirmed: false, detached: false, sold: 0, carts: 0 }
    const found = { ...channel, open: null, uncounted: null, uncountedSince: null }
    const first = {
      kind: 'STARTED',
      at,
      event: 'evt_1',
      balances: { CAPACITY: -100, UNALLOCATED: 100 },
      channels: [found],
    }
    const write = { kind: 'CAP_WRITE', at, channel: 'chn_1', write: 1, mode: 'OPEN' }
    const confirmed = {
      kind: 'CAP_CONFIRMED',
      at,
      channel: 'chn_1',
      write: 1,
      mode: 'OPEN',
      sold: 0,
      carts: 0,
      settled: true,
      asOf: at,
    }
    const before = await verify(recomputed([first]))
    expect(before).toMatchObject({ code: 0, output: expect.stringMatching(/Before the guarantee, to the end/) })
    expect(before.output).toContain('Not under the guarantee: LUMA chn_1')
    const lowered = await verify(recomputed([first, { ...write, cap: 90 }, { ...confirmed, cap: 90 }]))
    expect(lowered).toMatchObject({ code: 0, output: expect.stringMatching(/Before the guarantee, until line 3,/) })
    expect(lowered.output).toContain('90 of 100 units, 10 free')
    const tooHigh = await verify(recomputed([first, { ...write, cap: 120 }, { ...confirmed, cap: 120 }]))
    expect(tooHigh).toMatchObject({ code: 1, output: expect.stringMatching(/^Not valid\. Line 3: .*LUMA chn_1/) })
  })

  it('by what may have been sold under the cap of a found listing is a failure once it was counted or covered', async () => {
    const at = '2026-11-18T13:00:00.000Z'
    const channel = 'chn_1'
    const state = { id: channel, platform: 'LUMA', cap: 6, confirmed: false, detached: false, sold: 0, carts: 0 }
    const found = { ...state, open: null, uncounted: null, uncountedSince: null }
    // The listing can sell 6 tickets, and has units for 5: the rest are for direct sales and the safety stock.
    const balances = { CAPACITY: -10, SAFETY: 1, 'ALLOCATED:DIRECT': 4, 'ALLOCATED:chn_1': 5 }
    const started = { kind: 'STARTED', at, event: 'evt_1', balances, channels: [found] }
    const write = { kind: 'CAP_WRITE', at, channel, write: 1, mode: 'OPEN', cap: 5 }
    const result = { mode: 'OPEN', cap: 5, carts: 0, settled: true }
    const confirmed = { ...result, kind: 'CAP_CONFIRMED', at, asOf: at, channel, write: 1, sold: null }
    const counted = {
      ...result,
      kind: 'READING',
      at,
      asOf: '2026-11-18T13:00:20.000Z',
      channel,
      sold: 0,
      counted: true,
    }
    const hold = { kind: 'HOLD', at, operation: 'hold', moves: [['ALLOCATED:DIRECT', 'HELD', 4]] }
    const covered = { kind: 'MOVEMENT', at, operation: 'op', moves: [['SAFETY', 'ALLOCATED:chn_1', 1]] }
    const outcome = async (...lines: Record<string, unknown>[]) => verify(recomputed([started, write, ...lines]))

    const uncounted = await outcome(confirmed)
    expect(uncounted).toMatchObject({ code: 0 })
    expect(uncounted.output).toContain('Not under the guarantee: LUMA chn_1, whose sales under earlier caps')
    const afterwards = await outcome(confirmed, hold, counted)
    expect(afterwards).toMatchObject({ code: 0, output: expect.stringMatching(/Before the guarantee, until line 5,/) })
    // What the service permits itself is under the guarantee at once, however it came about.
    const raised = { ...write, write: 2, cap: 6 }
    const over = { code: 1, output: expect.stringMatching(/^Not valid\. Line 6: over capacity: .* = 11 of 10/) }
    expect(await outcome(confirmed, counted, hold, raised)).toMatchObject(over)
    expect(await outcome(confirmed, covered, hold, { ...raised, cap: 7 })).toMatchObject(over)
    expect(await outcome(confirmed, raised, hold)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^Not valid\. Line 5: over capacity: /),
    })
  })

  it('because of sales under a cap that the listing was found with is no failure, unlike one by caps of the service', async () => {
    const at = '2026-11-18T13:00:00.000Z'
    const later = '2026-11-18T13:00:10.000Z'
    const found = { platform: 'MEETUP', cap: 'UNLIMITED', confirmed: false, detached: false, sold: 0, carts: 0 }
    const channels = ['chn_1', 'chn_2'].map((id) => {
      return { ...found, id, open: null, uncounted: null, uncountedSince: null }
    })
    const balances = { CAPACITY: -20, UNALLOCATED: 20 }
    const started = { kind: 'STARTED', at, event: 'evt_1', balances, channels: channels.slice(0, 1) }
    const both = { ...started, channels }
    const moved = (kind: string, ...move: unknown[]) => ({ kind, at, operation: 'op', reason: 'OTHER', moves: [move] })
    const hold = moved('HOLD', 'UNALLOCATED', 'HELD', 8)
    const sale = (units: number) => moved('SALE', 'OVERSOLD', 'SOLD:chn_1', units)
    const counted = (cap: unknown, sold: number) => {
      const counts = { channel: 'chn_1', mode: 'OPEN', cap, sold, carts: 0 }
      return { ...counts, kind: 'READING', at: later, asOf: later, settled: false, counted: true }
    }
    const written = (write: number, cap: number, channel = 'chn_1') => {
      const line = { at, channel, write, cap, mode: 'OPEN' }
      const confirmed = { ...line, kind: 'CAP_CONFIRMED', sold: null, carts: 0, settled: true, asOf: at }
      return [{ ...line, kind: 'CAP_WRITE' }, confirmed]
    }

    for (const [lines, reason] of [
      [[started, ...written(1, 15)], 'whose sales under earlier caps are not counted'],
      [
        [started, sale(25), counted('UNLIMITED', 25), ...written(1, 25), ...written(2, 25), counted(25, 25)],
        'found with more sold',
      ],
      // Some are cancelled, and the cap follows.
      [
        [started, ...written(1, 5), counted(5, 25), ...written(2, 25), counted(25, 23), ...written(3, 23)],
        'whose sales',
      ],
    ] as const) {
      const { code, output } = await verify(recomputed(lines))
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Before the guarantee, to the end') })
      expect(output).toContain(`Not under the guarantee: MEETUP chn_1, ${reason}`)
    }
    for (const lines of [
      // More than fits from the beginning, even once it is sold.
      [started, ...written(1, 21)],
      [started, ...written(1, 25), sale(25), ...written(2, 25), counted(25, 25)],
      [started, written(1, 25)[0] ?? {}, sale(25), ...written(2, 25)],
      // More than was found.
      [started, sale(25), counted('UNLIMITED', 25), ...written(1, 26)],
      // Units that an uncounted cap still needs are given to others.
      [started, ...written(1, 15), hold],
      [started, ...written(1, 15), ...written(2, 5), hold],
      [both, ...written(1, 15), ...written(1, 6, 'chn_2')],
      [
        started,
        ...written(1, 15),
        ...written(2, 9),
        moved('HOLD', 'UNALLOCATED', 'HELD', 12),
        counted(9, 9),
        ...written(3, 9),
      ],
    ]) {
      const { code, output } = await verify(recomputed(lines))
      expect({ code, output }).toEqual({
        code: 1,
        output: expect.stringMatching(/^Not valid\. Line \d+: the service has confirmed a cap of MEETUP chn_/),
      })
    }
  })

  it('because of carts is rejected only where a cap had permitted them', async () => {
    const at = '2026-11-18T13:00:00.000Z'
    const channel = (id: string, platform: string) => {
      const state = { id, platform, cap: 10, confirmed: true, detached: false, sold: 0, carts: 0 }
      return { ...state, open: null, uncounted: null, uncountedSince: null }
    }
    const balances = { CAPACITY: -20, 'ALLOCATED:chn_1': 10, 'ALLOCATED:chn_2': 10 }
    const channels = [channel('chn_1', 'LUMA'), channel('chn_2', 'MEETUP')]
    const started = { kind: 'STARTED', at, event: 'evt_1', balances, channels }
    const count = (sold: number, carts: number) => ({ at, channel: 'chn_1', mode: 'OPEN', sold, carts, asOf: at })
    const reading = (sold: number, carts: number) => ({
      ...count(sold, carts),
      kind: 'READING',
      cap: 10,
      settled: true,
      counted: true,
    })
    const write = (id: string, cap: number) => ({ kind: 'CAP_WRITE', at, channel: id, write: 1, cap, mode: 'OPEN' })
    const lowered = { ...count(5, 5), kind: 'CAP_CONFIRMED', write: 1, cap: 5, settled: true }

    const tooMany = await verify(recomputed([started, reading(8, 6), reading(9, 4), reading(9, 0)]))
    expect(tooMany).toMatchObject({
      code: 0,
      output: expect.stringContaining('Lines 2-3: 4 of LUMA chn_1 do not count (carts, early sales).'),
    })
    const sold = await verify(recomputed([started, reading(8, 6), reading(11, 3)]))
    expect(sold).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^Not valid\. Line 3: .* 11 sold, 3 in carts/),
    })
    const ignored = [started, reading(5, 5), write('chn_1', 5), lowered, write('chn_2', 11)]
    expect(await verify(recomputed(ignored))).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^Not valid\. Line 5: .*LUMA chn_1 10 .* Cause: the service wrote a cap of 11/),
    })
  })

  it('because of a channel that was attached later is rejected, and a channel whose attachment is missing too', async () => {
    const at = '2026-11-18T13:00:00.000Z'
    const state = { id: 'chn_1', platform: 'LUMA', cap: 30, confirmed: false, detached: false, sold: 0, carts: 0 }
    const attached = {
      kind: 'CHANNEL_ATTACHED',
      at,
      state: { ...state, open: null, uncounted: null, uncountedSince: null },
    }
    const balances = { CAPACITY: -20, UNALLOCATED: 20 }
    const started = { kind: 'STARTED', at, event: 'evt_1', balances, channels: [] }
    const write = (number: number, cap: number) => [
      { kind: 'CAP_WRITE', at, channel: 'chn_1', write: number, cap, mode: 'OPEN' },
      {
        kind: 'CAP_CONFIRMED',
        at,
        channel: 'chn_1',
        write: number,
        cap,
        mode: 'OPEN',
        sold: 0,
        carts: 0,
        settled: true,
        asOf: at,
      },
    ]
    const accepted = await verify(recomputed([started, attached, ...write(1, 15)]))
    expect(accepted).toMatchObject({ code: 0, output: expect.stringContaining('15 of 20 units, 5 free') })
    const raised = await verify(recomputed([started, attached, ...write(1, 15), ...write(2, 21)]))
    expect(raised).toMatchObject({ code: 1, output: expect.stringMatching(/^Not valid\. Line 5: over capacity/) })
    const missing = await verify(recomputed([started, ...write(1, 15)]))
    expect(missing).toMatchObject({ code: 1, output: expect.stringMatching(/^Not valid\. Line 2: the channel chn_1/) })
  })

  it('of an event that is older than the proof starts with its balances and channels', async () => {
    const run = new ProofRun(3)
    await run.perform(20)
    await run.forgetProof()
    await run.pullAll()
    await run.settle()
    await run.syncAll()
    await run.writes.follow(run.eventId)
    const record = await run.record()
    expect(parsed(record)[0]).toMatchObject({
      kind: 'STARTED',
      channels: [{ confirmed: true }, ...run.listings.slice(1).map(() => ({}))],
    })
    expect((await verify(record)).code).toBe(0)
  })
})
