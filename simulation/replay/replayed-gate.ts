import type { Redis } from 'ioredis'
import { RedisStockGate } from '../../src/adapters/redis/redis-stock-gate.js'
import { RESULT_TTL_MS, type StockGate, type TakeResult } from '../../src/stock/gate/gate.js'
import type { GateCommand, RedisChange } from './recording.js'

/** The newest result of each operation, by its key: its position in the history of the gate, and its virtual time, ms. */
type Taken = Map<string, { epoch: number; seq: number; atMs: number }>

interface Copy {
  keys: { key: string; value: Buffer }[]
  taken: Taken
}

const pendingKey = (eventId: string) => `event:{${eventId}}:pending`
const operationKey = (eventId: string, operationId: string) => `event:{${eventId}}:op:${operationId}`

/**
 * The gate in a real Redis. Operations have the ages that they have in the recording, because the server's own clock has
 * hardly moved. The server must serve nothing else.
 */
export class ReplayedGate {
  readonly gate: StockGate
  private taken: Taken = new Map()
  private readonly copies = new Map<number, Copy>()

  constructor(private readonly redis: Redis) {
    this.gate = new RedisStockGate(redis)
  }

  async execute({ method, args, atMs }: GateCommand): Promise<unknown> {
    await this.forgetExpired(atMs)
    const [eventId] = args as [string]
    if (method === 'pending') await this.setAges(eventId, atMs)
    const run = this.gate[method].bind(this.gate) as (...args: readonly unknown[]) => Promise<unknown>
    const result = await run(...args)
    if (method === 'take') this.note(eventId, [args[1]], [result], atMs)
    if (method === 'takeMany') this.note(eventId, args[1] as unknown[], result as unknown[], atMs)
    return result
  }

  async change({ change }: RedisChange): Promise<void> {
    if (change.kind === 'saved') this.copies.set(change.copy, await this.save())
    else await this.replaceData(change.kind === 'failed over' ? change.copy : null)
    if (change.kind === 'failed over') await this.promote()
  }

  private async save(): Promise<Copy> {
    const keys: Copy['keys'] = []
    for (const key of await this.redis.keys('*')) {
      const value = await this.redis.dumpBuffer(key)
      if (value) keys.push({ key, value })
    }
    return { keys, taken: new Map(this.taken) }
  }

  private async replaceData(number: number | null): Promise<void> {
    const copy = number === null ? null : this.copies.get(number)
    if (copy === undefined) throw new Error(`there is no copy ${number}`)
    await this.redis.flushdb()
    for (const { key, value } of copy?.keys ?? []) await this.redis.restore(key, 0, value)
    this.taken = new Map(copy?.taken)
  }

  /** Starts a new replication history, as the promotion of a replica does; the data stays as it is. */
  private async promote(): Promise<void> {
    await this.redis.replicaof('127.0.0.1', 1)
    await this.redis.replicaof('NO', 'ONE')
  }

  private note(eventId: string, operations: readonly unknown[], results: readonly unknown[], atMs: number): void {
    operations.forEach((operation, index) => {
      const result = results[index] as TakeResult
      if (result.kind !== 'TAKEN') return
      const { epoch, seq } = result
      const key = operationKey(eventId, (operation as { operationId: string }).operationId)
      const earlier = this.taken.get(key)
      // A repeated operation keeps its time.
      if (earlier?.epoch !== epoch || earlier.seq !== seq) this.taken.set(key, { epoch, seq, atMs })
    })
  }

  private async forgetExpired(nowMs: number): Promise<void> {
    for (const [key, { atMs }] of this.taken) {
      if (nowMs - atMs < RESULT_TTL_MS) continue
      this.taken.delete(key)
      await this.redis.del(key)
    }
  }

  /** Gives the event's pending operations, by the server's clock, the ages that they have at `nowMs`. */
  private async setAges(eventId: string, nowMs: number): Promise<void> {
    const operationIds = await this.redis.zrange(pendingKey(eventId), '0', '-1')
    if (operationIds.length === 0) return
    const [seconds, microseconds] = await this.redis.time()
    const serverMs = Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)
    for (const operationId of operationIds) {
      const taken = this.taken.get(operationKey(eventId, operationId))
      if (taken) await this.redis.zadd(pendingKey(eventId), 'XX', serverMs - (nowMs - taken.atMs), operationId)
    }
  }
}
