import type { Platform } from '../../src/domain/channel.js'
import type { Channel } from '../../src/domain/records/channel.js'
import type { CapBench } from './cap-bench.js'

/** Runs the same sequence with a guard and with that guard switched off; returns both results. */
export async function withAndWithout<T>(
  bench: CapBench,
  sequence: () => Promise<T>,
  off: () => void,
): Promise<{ guarded: T; off: T }> {
  bench.reset()
  const guarded = await sequence()
  off()
  bench.reset()
  return { guarded, off: await sequence() }
}

/** Tickets beyond the capacity if every cap in force at the platforms sold out; above 0, the event can be oversold. */
export async function possibleOversell(bench: CapBench, eventId: string): Promise<number> {
  const { HELD, SAFETY, CAPACITY } = await bench.balances(eventId)
  const channels = await bench.prisma.channel.findMany({ where: { eventId } })
  const listings = channels.map(({ platform }) => bench.listings[platform as Platform])
  return listings.reduce((sum, { cap, sold }) => sum + Math.max(cap ?? Infinity, sold), HELD + SAFETY + CAPACITY)
}

/** Records `count` tickets sold on the channel, in orders of up to 20: `order-40`, `order-20`. */
export async function recordSales(bench: CapBench, channel: Channel, order: string, count: number): Promise<void> {
  for (let rest = count; rest > 0; rest -= 20)
    await bench.recordOrder(channel, `${order}-${rest}`, Math.min(20, rest), 1)
}

type Account = 'UNALLOCATED' | 'HELD'

export function move(bench: CapBench, eventId: string, quantity: number, from: Account, to: Account) {
  return bench.stock.post(eventId, { quantity, sources: [from], destination: to })
}

/** The object with some of its members replaced. */
export function withMembers<T extends object>(target: T, members: object): T {
  return new Proxy(target, { get: (from, key) => Reflect.get(key in members ? members : from, key) as unknown })
}
