import { readFileSync } from 'node:fs'
import type { ChainableCommander, Cluster, Redis, Result } from 'ioredis'
import {
  accountsOf,
  emptyBalances,
  unitsOf,
  type LedgerAccount,
  type Balances,
} from '../../domain/stock/ledger-account.js'
import type { Movement } from '../../domain/stock/posting.js'
import { Gathered } from '../../infrastructure/gathered.js'
import {
  RESULT_TTL_MS,
  StockGate,
  type GateOperation,
  type GateState,
  type PendingOperation,
  type TakeResult,
} from '../../stock/gate/gate.js'

declare module 'ioredis' {
  interface RedisCommander<Context> {
    stockTake(...args: (string | number)[]): Result<[number, string], Context>
    stockVoid(...args: (string | number)[]): Result<number, Context>
    stockInstall(...args: (string | number)[]): Result<number, Context>
    stockRead(key: string): Result<[number, ...string[]], Context>
    stockPending(key: string, olderThanMs: number, limit: number): Result<string[], Context>
  }
}

/** Fields of the gate's hash that are no accounts. */
const METADATA: ReadonlySet<string> = new Set(['epoch', 'seq', 'server'])
/** Bounds one pipeline: nothing would undo scripts of a pipeline that was sent only in part. */
const PIPELINE_LIMIT = 500

type AddCommand = (pipeline: ChainableCommander) => unknown
type Reply = [error: Error | null, result: unknown]

const script = (name: string) => readFileSync(new URL(`../../../lua/${name}.lua`, import.meta.url), 'utf8')
const stockKey = (eventId: string) => `event:{${eventId}}:stock`
const operationKey = (eventId: string, operationId: string) => `event:{${eventId}}:op:${operationId}`
const pendingKey = (eventId: string) => `event:{${eventId}}:pending`

/**
 * The gate in Redis: one Lua script per operation, so that each is atomic. On one server, the frequent commands of one turn of
 * the event loop are sent together, whatever their events are; the nodes of a cluster take only those of one event together.
 */
export class RedisStockGate extends StockGate {
  private readonly gathered = new Gathered((commands: AddCommand[]) => this.send(commands), {
    runs: Infinity,
    size: PIPELINE_LIMIT,
  })

  constructor(private readonly redis: Redis | Cluster) {
    super()
    redis.defineCommand('stockTake', { numberOfKeys: 3, lua: script('take') })
    redis.defineCommand('stockVoid', { numberOfKeys: 3, lua: script('void') })
    redis.defineCommand('stockInstall', { numberOfKeys: 2, lua: script('install') })
    redis.defineCommand('stockRead', { numberOfKeys: 1, lua: script('read') })
    redis.defineCommand('stockPending', { numberOfKeys: 1, lua: script('pending') })
  }

  override async take(eventId: string, operation: GateOperation): Promise<TakeResult> {
    const [code, reply] = await this.redis.stockTake(...takeArguments(eventId, operation))
    return parseResult(code, reply)
  }

  /** In one round trip. */
  override async takeMany(eventId: string, operations: readonly GateOperation[]): Promise<TakeResult[]> {
    const takes = operations.map((operation): AddCommand => {
      const args = takeArguments(eventId, operation)
      return (pipeline) => pipeline.stockTake(...args)
    })
    return (await this.execute(takes)).map((result) => parseResult(...(result as [number, string])))
  }

  override async acknowledge(eventId: string, operationIds: readonly string[]): Promise<void> {
    if (operationIds.length === 0) return
    await this.execute([(pipeline) => pipeline.zrem(pendingKey(eventId), ...operationIds)])
  }

  override async void(eventId: string, operationId: string, taken: { epoch: number; seq: number }): Promise<boolean> {
    const keys = [stockKey(eventId), operationKey(eventId, operationId), pendingKey(eventId)]
    return (await this.redis.stockVoid(...keys, operationId, taken.epoch, taken.seq)) === 1
  }

  override async install(eventId: string, epoch: number, balances: Balances): Promise<boolean> {
    const fields = accountsOf(balances).flatMap((account) => [account, unitsOf(balances, account)])
    return (await this.redis.stockInstall(stockKey(eventId), pendingKey(eventId), epoch, ...fields)) === 1
  }

  override async pending(eventId: string, olderThanMs: number, limit: number): Promise<PendingOperation[]> {
    const ids = await this.redis.stockPending(pendingKey(eventId), olderThanMs, limit)
    if (ids.length === 0) return []
    const replies = await this.redis.mget(...ids.map((id) => operationKey(eventId, id)))
    return ids.map((operationId, index) => {
      const result = parseResult(1, replies[index] ?? '')
      return { operationId, taken: result.kind === 'TAKEN' && replies[index] ? result : null }
    })
  }

  override async read(eventId: string): Promise<GateState | null> {
    const { usable, fields } = await this.fields(eventId)
    if (!usable) return null
    const balances = emptyBalances()
    for (const [field, value] of fields) {
      if (!METADATA.has(field)) balances[field as LedgerAccount] = Number(value)
    }
    return { epoch: Number(fields.get('epoch')), seq: Number(fields.get('seq')), balances }
  }

  override async installedEpoch(eventId: string): Promise<number> {
    return Number((await this.fields(eventId)).fields.get('epoch') ?? 0)
  }

  private async fields(eventId: string): Promise<{ usable: boolean; fields: Map<string, string> }> {
    const [state] = await this.execute([(pipeline) => pipeline.stockRead(stockKey(eventId))])
    const [usable, ...flat] = state as [number, ...string[]]
    const fields = new Map<string, string>()
    for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i] ?? '', flat[i + 1] ?? '')
    return { usable: usable === 1, fields }
  }

  /** Results of commands for one event. Rejects with the first error. */
  private async execute(commands: readonly AddCommand[]): Promise<unknown[]> {
    const replies = this.redis.isCluster
      ? await this.sendInChunks(commands)
      : await Promise.all(commands.map((command) => this.gathered.submit(command)))
    return replies.map(([error, result]) => {
      if (error) throw error
      return result
    })
  }

  private async sendInChunks(commands: readonly AddCommand[]): Promise<Reply[]> {
    const replies: Reply[] = []
    for (let start = 0; start < commands.length; start += PIPELINE_LIMIT)
      replies.push(...(await this.send(commands.slice(start, start + PIPELINE_LIMIT))))
    return replies
  }

  private async send(commands: readonly AddCommand[]): Promise<Reply[]> {
    const pipeline = this.redis.pipeline()
    for (const add of commands) add(pipeline)
    return (await pipeline.exec()) ?? []
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
