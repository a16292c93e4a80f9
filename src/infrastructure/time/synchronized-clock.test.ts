import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WallClock } from './clock.js'
import { DatabaseTime } from './database-time.js'
import { startClock } from './start-clock.js'
import { SynchronizedClock } from './synchronized-clock.js'
import { VirtualTime } from './virtual-time.js'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** The clocks of one machine, and a PostgreSQL whose clock differs from the true time by `databaseMs`. */
class Machine extends WallClock {
  /** The true time. */
  readonly time = new VirtualTime()
  wallMs = 0
  databaseMs = 0
  /** Time in which the machine was suspended. */
  suspendedMs = 0
  isAvailable = true
  /** How long a request and a response take. */
  legsMs = [0, 0]
  readonly clock: SynchronizedClock

  constructor(state: Partial<Machine>) {
    super()
    Object.assign(this, state)
    const read = async () => {
      const [request = 0, response = 0] = this.legsMs
      if (request > 0) await this.time.sleep(request)
      if (!this.isAvailable) throw new Error('connection refused')
      const now = new Date(this.time.ms() + this.databaseMs)
      if (response > 0) await this.time.sleep(response)
      return now
    }
    this.clock = new SynchronizedClock(this, { read } satisfies DatabaseTime)
  }

  override now = () => new Date(this.time.ms() + this.wallMs)
  override monotonicMs = () => this.time.monotonicMs() - this.suspendedMs
  override uptimeMs = () => this.time.monotonicMs()

  /** How far the clock is ahead of the true time, ms. */
  get ahead(): number {
    return this.clock.now().getTime() - this.time.ms()
  }

  start(): Promise<unknown> {
    return this.run(startClock(this.clock, this.time))
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.time.until(work, HOUR_MS)
  }

  async pass(ms: number): Promise<void> {
    await this.run(this.time.sleep(ms))
  }

  async suspend(ms: number): Promise<void> {
    await this.pass(ms)
    this.suspendedMs += ms
  }

  synchronize(): Promise<number> {
    return this.run(this.clock.synchronize())
  }
}

async function started(state: Partial<Machine> = {}): Promise<Machine> {
  const machine = new Machine(state)
  await machine.start()
  return machine
}

describe('The clock of a process', () => {
  it.each([60_000, -60_000])('starts with the time of PostgreSQL on a machine that is %d ms ahead', async (wallMs) => {
    expect(Math.abs((await started({ wallMs })).ahead)).toBeLessThanOrEqual(1)
    // Half of the round trip is added to the time received; the whole is what the result may be off.
    expect(Math.abs((await started({ wallMs, legsMs: [40, 10] })).ahead)).toBeLessThanOrEqual(50)
  })

  it('starts with the wall clock where that agrees with PostgreSQL as far as can be measured', async () => {
    const machine = await started({ wallMs: 12, legsMs: [15, 10] })
    expect(machine.ahead).toBe(12)
    await machine.synchronize()
    await machine.pass(MINUTE_MS)
    expect(machine.ahead).toBe(12)
  })

  it.each([60_000, -60_000, 86_400_000])('is not moved by a jump of the wall clock by %d ms', async (byMs) => {
    const machine = await started()
    machine.wallMs += byMs
    expect(machine.ahead).toBe(0)
    expect(machine.clock.wallJumpMs).toBe(byMs)
    expect(Math.abs(await machine.synchronize())).toBe(0)
    await machine.pass(MINUTE_MS)
    expect(machine.ahead).toBe(0)
    expect(machine.clock.wallJumpMs).toBe(0)
  })

  it('continues while PostgreSQL is unavailable', async () => {
    const machine = await started()
    machine.isAvailable = false
    machine.wallMs = 60_000
    await machine.pass(10 * MINUTE_MS)
    await expect(machine.synchronize()).rejects.toThrow('connection refused')
    expect(machine.ahead).toBe(0)
    expect(machine.clock.unsynchronizedMs).toBe(10 * MINUTE_MS)
  })

  it('starts with the wall clock while PostgreSQL is unavailable or silent, after 5 s at most', async () => {
    const machine = await started({ isAvailable: false, wallMs: -3_000 })
    expect(machine.ahead).toBe(-3_000)
    expect(machine.clock.unsynchronizedMs).toBe(Infinity)
    machine.isAvailable = true
    expect(await machine.synchronize()).toBeGreaterThan(2_990)
    expect(Math.abs(machine.ahead)).toBeLessThanOrEqual(1)

    const silent = await started({ legsMs: [HOUR_MS, 0] })
    expect(silent.time.monotonicMs()).toBe(5_000)
    expect(silent.ahead).toBe(0)
  })

  it.each([2_000, -2_000, 60_000])('corrects a difference of %d ms by a tenth of the elapsed time', async (byMs) => {
    const machine = await started()
    machine.databaseMs += byMs
    const found = await machine.synchronize()
    expect(Math.abs(found - byMs)).toBeLessThanOrEqual(1)
    expect(machine.ahead).toBe(0)
    await machine.pass(10_000)
    expect(machine.ahead).toBe(Math.sign(byMs) * 1_000)
    await machine.pass(HOUR_MS)
    expect(machine.ahead).toBe(found)
  })

  it('does not follow a jump of the host on which PostgreSQL runs, too, at once', async () => {
    const machine = await started()
    machine.wallMs += 60_000
    machine.databaseMs += 60_000
    await machine.synchronize()
    await machine.pass(3_000)
    expect(machine.ahead).toBe(300)
  })

  it('adds at once the time in which the machine was suspended', async () => {
    const machine = await started()
    await machine.pass(MINUTE_MS)
    await machine.suspend(HOUR_MS)
    expect(machine.ahead).toBe(-HOUR_MS)
    expect(machine.clock.wallJumpMs).toBe(HOUR_MS)
    await machine.synchronize()
    expect(Math.abs(machine.ahead)).toBeLessThanOrEqual(1)
  })

  it('does not add a suspension that PostgreSQL does not confirm', async () => {
    const machine = await started()
    await machine.suspend(2 * MINUTE_MS)
    machine.databaseMs -= MINUTE_MS
    await machine.synchronize()
    await machine.pass(1_000)
    expect(machine.ahead).toBe(-2 * MINUTE_MS + 100)
  })

  it('never goes back, and measures no duration wrongly by more than a tenth, whatever jumps', async () => {
    const event = fc.record({
      afterMs: fc.integer({ min: 0, max: 100_000 }),
      wallMs: fc.constantFrom(0, 0, 2_000, -60_000, 60_000, 7_200_000),
      databaseMs: fc.constantFrom(0, 0, -5_000, 3_000, 60_000, -3_600_000),
      isAvailable: fc.boolean(),
      legsMs: fc.tuple(fc.nat(50), fc.nat(500)),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 30 }), async (events) => {
        const machine = await started()
        let [before, trueBefore] = [machine.clock.now().getTime(), machine.time.ms()]
        const check = () => {
          const [passed, truly] = [machine.clock.now().getTime() - before, machine.time.ms() - trueBefore]
          expect(passed).toBeGreaterThanOrEqual(Math.floor(truly * 0.9) - 1)
          expect(passed).toBeLessThanOrEqual(Math.ceil(truly * 1.1) + 1)
          before += passed
          trueBefore += truly
        }
        for (const { afterMs, ...state } of events) {
          await machine.pass(afterMs)
          check()
          Object.assign(machine, state)
          check()
          await machine.synchronize().catch(() => undefined)
          check()
        }
      }),
      {
        numRuns: 60,
        // PostgreSQL's clock jumps, and the next sample differs by its uncertainty only.
        examples: [
          [
            [
              { afterMs: 0, wallMs: 0, databaseMs: 60_000, isAvailable: true, legsMs: [0, 0] },
              { afterMs: 0, wallMs: 0, databaseMs: 60_000, isAvailable: true, legsMs: [5, 0] },
            ],
          ],
        ],
      },
    )
  })
})
