import { readFileSync } from 'node:fs'
import type { Cluster, Redis, Result } from 'ioredis'
import { accountsOf, emptyBalances, unitsOf, type LedgerAccount, type Balances } from '../domain/ledger-account.js'
import type { Posting, Movement } from '../domain/posting.js'

declare module 'ioredis' {
  interface RedisCommander<Context> {
    stockTake(...args: (string | number)[]): Result<[number, string], Context>
    stockVoid(...args: (string | number)[]): Result<number, Context>
    stockInstall(...args: (string | number)[]): Result<number, Context>
    stockRead(key: string): Result<[number, ...string[]], Context>
    stockPending(key: string, olderThanMs: number, limit: number): Result<string[], Context>
  }
}

export interface GateOperation {
  operationId: string
  postings: readonly Posting[]
}

/** Movements of one accepted operation, and its position in the gate's history. */
export interface Taken {
  kind: 'TAKEN'
  epoch: number
  seq: number
  movements: Movement[]
}

export type TakeResult = Taken | { kind: 'INSUFFICIENT' } | { kind: 'NOT_LOADED' }

export interface PendingOperation {
  operationId: string
  /** Null: the recorded result has expired. */
  taken: Taken | null
}

/** How long a repeated operation returns the same result. Afterwards the ledger detects the duplicate. */
const RESULT_TTL_MS = 3_600_000
/** Fields of the gate's hash that are no accounts. */
const METADATA: ReadonlySet<string> = new Set(['epoch', 'seq', 'server'])
/** Bounds one pipeline: nothing would undo scripts of a pipeline that was sent only in part. */
const PIPELINE_LIMIT = 500

const script = (name: string) => readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8')
const stockKey = (eventId: string) => `event:{${eventId}}:stock`
const operationKey = (eventId: string, operationId: string) => `event:{${eventId}}:op:${operationId}`
const pendingKey = (eventId: string) => `event:{${eventId}}:pending`

/**
 * The Redis side of the stock: decides first, one Lua script per operation, and tracks operations that the ledger has not
 * confirmed yet. Every method rejects if Redis does not respond in time; the outcome is then unknown and the same
 * operation id can be retried.
 */
export class StockGate {
  constructor(private readonly redis: Redis | Cluster) {
    redis.defineCommand('stockTake', { numberOfKeys: 3, lua: script('take') })
    redis.defineCommand('stockVoid', { numberOfKeys: 3, lua: script('void') })
    redis.defineCommand('stockInstall', { numberOfKeys: 2, lua: script('install') })
    redis.defineCommand('stockRead', { numberOfKeys: 1, lua: script('read') })
    redis.defineCommand('stockPending', { numberOfKeys: 1, lua: script('pending') })
  }

  async take(eventId: string, operation: GateOperation): Promise<TakeResult> {
    const [code, reply] = await this.redis.stockTake(...takeArguments(eventId, operation))
    return parseResult(code, reply)
  }

  /** Runs operations of one event in one round trip; results in the same order. */
  async takeMany(eventId: string, operations: readonly GateOperation[]): Promise<TakeResult[]> {
    const results: TakeResult[] = []
    for (let start = 0; start < operations.length; start += PIPELINE_LIMIT) {
      const pipeline = this.redis.pipeline()
      const chunk = operations.slice(start, start + PIPELINE_LIMIT)
      for (const operation of chunk) pipeline.stockTake(...takeArguments(eventId, operation))
      for (const [error, result] of (await pipeline.exec()) ?? []) {
        if (error) throw error
        const [code, reply] = result as [number, string]
        results.push(parseResult(code, reply))
      }
    }
    return results
  }

  /** The ledger has recorded these operations: they are no longer pending. */
  async acknowledge(eventId: string, operationIds: readonly string[]): Promise<void> {
    if (operationIds.length > 0) await this.redis.zrem(pendingKey(eventId), ...operationIds)
  }

  /** Reverses the movements of one operation. False: not reversed, because the recorded result or the epoch has changed. */
  async void(eventId: string, operationId: string, taken: { epoch: number; seq: number }): Promise<boolean> {
    const keys = [stockKey(eventId), operationKey(eventId, operationId), pendingKey(eventId)]
    return (await this.redis.stockVoid(...keys, operationId, taken.epoch, taken.seq)) === 1
  }

  /** Loads the ledger's balances under a new epoch. False: the same or a newer epoch is already loaded. */
  async install(eventId: string, epoch: number, balances: Balances): Promise<boolean> {
    const fields = accountsOf(balances).flatMap((account) => [account, unitsOf(balances, account)])
    return (await this.redis.stockInstall(stockKey(eventId), pendingKey(eventId), epoch, ...fields)) === 1
  }

  /** Operations that the ledger has not confirmed for `olderThanMs`, oldest first. */
  async pending(eventId: string, olderThanMs: number, limit: number): Promise<PendingOperation[]> {
    const ids = await this.redis.stockPending(pendingKey(eventId), olderThanMs, limit)
    if (ids.length === 0) return []
    const replies = await this.redis.mget(...ids.map((id) => operationKey(eventId, id)))
    return ids.map((operationId, index) => {
      const result = parseResult(1, replies[index] ?? '')
      return { operationId, taken: result.kind === 'TAKEN' && replies[index] ? result : null }
    })
  }

  /** Balances of the gate; null if the event is not loaded, or was loaded into another run of the server. */
  async read(eventId: string): Promise<{ epoch: number; seq: number; balances: Balances } | null> {
    const { usable, fields } = await this.fields(eventId)
    if (!usable) return null
    const balances = emptyBalances()
    for (const [field, value] of fields) {
      if (!METADATA.has(field)) balances[field as LedgerAccount] = Number(value)
    }
    return { epoch: Number(fields.get('epoch')), seq: Number(fields.get('seq')), balances }
  }

  /** The loaded epoch, usable or not: only a newer one can be installed. 0: none. */
  async installedEpoch(eventId: string): Promise<number> {
    return Number((await this.fields(eventId)).fields.get('epoch') ?? 0)
  }

  private async fields(eventId: string): Promise<{ usable: boolean; fields: Map<string, string> }> {
    const [usable, ...flat] = await this.redis.stockRead(stockKey(eventId))
    const fields = new Map<string, string>()
    for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i] ?? '', flat[i + 1] ?? '')
    return { usable: usable === 1, fields }
  }
}

function takeArguments(eventId: string, { operationId, postings }: GateOperation): (string | number)[] {
  return [
    stockKey(eventId),
    operationKey(eventId, operationId),
    pendingKey(eventId),
    operationId,
    RESULT_TTL_MS,
    ...postings.flatMap((posting) => [
      posting.quantity,
      posting.destination,
      posting.overflow ?? '',
      posting.repay ?? '',
      posting.sources.length,
      ...posting.sources,
    ]),
  ]
}

function parseResult(code: number, reply: string): TakeResult {
  if (code === 0) return { kind: 'INSUFFICIENT' }
  if (code === -1) return { kind: 'NOT_LOADED' }
  const [epoch, seq, ...parts] = reply.trim().split(' ')
  const movements: Movement[] = []
  for (let i = 0; i + 2 < parts.length; i += 3) {
    movements.push({
      from: parts[i] as LedgerAccount,
      to: parts[i + 1] as LedgerAccount,
      quantity: Number(parts[i + 2]),
    })
  }
  return { kind: 'TAKEN', epoch: Number(epoch), seq: Number(seq), movements }
}
