import { describe, expect, it } from 'vitest'
import { SeatLists } from './seat-lists.js'
import { SeatStore, type Seat } from './seat-store.js'

/** Events with one seat, whose reads end when the test ends them. */
class HeldSeats extends SeatStore {
  state: Seat['state'] = 'AVAILABLE'
  current: number | null = 1
  running = 0
  started = 0
  private readonly waiting: ((error?: Error) => void)[] = []

  async createChart(): Promise<void> {}

  async free(): Promise<string[]> {
    return []
  }

  async version(): Promise<number | null> {
    return this.current
  }

  async list(): Promise<Seat[]> {
    const { state } = this
    this.started += 1
    this.running += 1
    await new Promise<void>((resolve, reject) => {
      this.waiting.push((error) => (error ? reject(error) : resolve()))
    })
    this.running -= 1
    return [{ seat: 'A-1-1', state }]
  }

  change(state: Seat['state']): void {
    this.state = state
    this.current = (this.current ?? 0) + 1
  }

  async endRead(error?: Error): Promise<void> {
    await settled()
    this.waiting.shift()?.(error)
    await settled()
  }
}

/** Everything that needs no further read has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve))
const textOf = async (list: Promise<{ body: Buffer }>) => (await list).body.toString()
const listWith = (state: Seat['state']) => JSON.stringify({ items: [{ seat: 'A-1-1', state }], nextCursor: null })

describe('SeatLists', () => {
  it('gives those who come after a change a read that started after it, and one for all of them', async () => {
    const store = new HeldSeats()
    const lists = new SeatLists(store)
    const before = lists.get('evt_1')
    await settled()
    store.change('HELD')
    const after = [lists.get('evt_1'), lists.get('evt_1')]
    await store.endRead()
    expect(await textOf(before)).toBe(listWith('AVAILABLE'))
    await store.endRead()
    expect(await Promise.all(after.map(textOf))).toEqual([listWith('HELD'), listWith('HELD')])
    expect(store.started).toBe(2)
  })

  it('fails for all who wait for a read that fails, and reads again for the next', async () => {
    const store = new HeldSeats()
    const lists = new SeatLists(store)
    const failing = Promise.allSettled([lists.get('evt_1'), lists.get('evt_1')])
    await store.endRead(new Error('no connection'))
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const next = lists.get('evt_1')
    await store.endRead()
    expect(await textOf(next)).toBe(listWith('AVAILABLE'))
    expect(store.started).toBe(2)
  })

  it('reads two events at once, and keeps the lists of the 16 that were used last', async () => {
    const store = new HeldSeats()
    const lists = new SeatLists(store)
    const all = Promise.all(Array.from({ length: 17 }, (_, index) => lists.get(`evt_${index}`)))
    await settled()
    expect(store.running).toBe(2)
    for (let left = 17; left > 0; left--) await store.endRead()
    await all
    await lists.get('evt_1')
    await lists.get('evt_16')
    expect(store.started).toBe(17)
    const again = lists.get('evt_0')
    await store.endRead()
    await again
    expect(store.started).toBe(18)
    await lists.get('evt_1')
    expect(store.started).toBe(18)
  })

  it('knows no event without a version', async () => {
    const store = new HeldSeats()
    store.current = null
    await expect(new SeatLists(store).get('evt_none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
