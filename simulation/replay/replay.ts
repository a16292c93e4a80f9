import { prismaStores } from '../../src/adapters/prisma/stores.js'
import type { Stores } from '../../src/adapters/ports.js'
import { useUuids } from '../../src/infrastructure/ids.js'
import { DatabaseTransaction } from '../../src/infrastructure/transaction.js'
import { failureOf } from './failure.js'
import { copyOf, generatedIn, textOf } from './plain-values.js'
import { CallbackResults, TransactionNumber, type Begin, type End, type Entry, type StoreCall } from './recording.js'
import type { ReplayDatabase } from './replay-database.js'
import type { ReplayedGate } from './replayed-gate.js'
import { comparableGate, comparableOutcome } from './unordered.js'
import { useVirtualDate } from './virtual-date.js'

/** Where PostgreSQL or Redis differ from the recording. */
export interface Difference {
  /** Number of the entry in the recording; its length: the state at the end. */
  entry: number
  what: string
  recorded: string
  real: string
}

interface OpenTransaction {
  transaction: DatabaseTransaction
  /** Resolves with null, or with the failure of the commit. */
  end(commit: boolean): Promise<string | null>
}

type Method = (...args: unknown[]) => Promise<unknown>
type Work = (transaction: DatabaseTransaction, ...state: unknown[]) => Promise<void>

class RolledBack extends Error {}

/** Applies a recording to PostgreSQL and Redis: one entry after the other, transactions interleaved as they were. */
export class Replay {
  private readonly stores: Stores
  private readonly open = new Map<number, OpenTransaction>()
  /** Generated numbers: of the recording, and those that PostgreSQL has generated instead. */
  private readonly generated = new Map<bigint, bigint>()
  private uuids: string[] = []

  constructor(
    private readonly database: ReplayDatabase,
    private readonly gate: ReplayedGate,
  ) {
    this.stores = prismaStores(database.prisma)
  }

  /** The first difference; null: every result was the same. */
  async run(entries: readonly Entry[]): Promise<Difference | null> {
    let created = 0
    const restoreDate = useVirtualDate(() => this.database.nowMs)
    const restoreUuids = useUuids(() => this.uuids.shift() ?? `unexpected-${++created}`)
    try {
      for (const [index, entry] of entries.entries()) {
        const difference = await this.apply(entry)
        if (difference) return { entry: index, ...difference }
      }
      return null
    } finally {
      for (const transaction of this.open.values()) await transaction.end(false)
      restoreUuids()
      restoreDate()
    }
  }

  /** The text of a value of the recording, with the numbers that PostgreSQL has generated. */
  recordedText(value: unknown): string {
    return textOf(value, (number) => String(this.generated.get(number) ?? number))
  }

  private async apply(entry: Entry): Promise<Omit<Difference, 'entry'> | null> {
    if (entry.kind === 'redis') {
      await this.gate.change(entry)
      return null
    }
    if (entry.kind === 'gate') {
      const real = await this.gate.execute(entry)
      const what = `gate.${entry.method} ${textOf(entry.args)}`
      return this.compare(what, comparableGate(entry.result), comparableGate(real))
    }
    await this.database.setClock(entry.atMs)
    if (entry.kind === 'begin') return this.begin(entry)
    if (entry.kind === 'end') return this.end(entry)
    return this.call(entry)
  }

  private async call({ store, method, args, outcome, uuids }: StoreCall): Promise<Omit<Difference, 'entry'> | null> {
    this.uuids = [...uuids]
    const what = `${store}.${method}`
    const real = await this.method(
      store,
      method,
    )(...args.map((arg) => this.argument(arg))).then(
      (result) => ({ result }),
      (error: unknown) => ({ failure: failureOf(error) }),
    )
    return this.compare(what, comparableOutcome(what, outcome), comparableOutcome(what, real), args)
  }

  private async begin({ transaction: number, store, method, args, result }: Begin) {
    const what = `${store}.${method}`
    const opened = await this.openTransaction(this.method(store, method), args)
    if (typeof opened === 'string') return { what, recorded: 'a transaction', real: opened }
    this.open.set(number, opened)
    return this.compare(what, result, opened.state, args)
  }

  /** What the work is passed besides the transaction; a text: why no work has started. */
  private async openTransaction(
    method: Method,
    args: readonly unknown[],
  ): Promise<(OpenTransaction & { state: readonly unknown[] }) | string> {
    let finish: (commit: boolean) => void = () => undefined
    const decided = new Promise<boolean>((resolve) => (finish = resolve))
    let ended: Promise<string | null> = Promise.resolve(null)
    return new Promise((resolve) => {
      const work = async (transaction: DatabaseTransaction, ...state: unknown[]) => {
        const end = (commit: boolean) => {
          finish(commit)
          return ended
        }
        resolve({ transaction, state, end })
        if (!(await decided)) throw new RolledBack()
      }
      ended = method(...args.map((arg) => this.argument(arg, work))).then(
        () => null,
        (error: unknown) => (error instanceof RolledBack ? null : failureOf(error)),
      )
      // After the work has started this is too late to have an effect.
      void ended.then((failure) => resolve(failure ?? 'no transaction'))
    })
  }

  private async end({ transaction: number, committed }: End): Promise<Omit<Difference, 'entry'> | null> {
    const open = this.open.get(number)
    this.open.delete(number)
    const failure = open ? await open.end(committed) : 'not open'
    return failure === null
      ? null
      : { what: `end of transaction ${number}`, recorded: String(committed), real: failure }
  }

  private compare(
    what: string,
    recorded: unknown,
    real: unknown,
    args: readonly unknown[] = [],
  ): Omit<Difference, 'entry'> | null {
    this.match(generatedIn(recorded), generatedIn(real))
    const [expected, found] = [this.recordedText(recorded), textOf(real)]
    return expected === found ? null : { what: `${what} ${textOf(args)}`, recorded: expected, real: found }
  }

  private match(recorded: readonly bigint[], real: readonly bigint[]): void {
    recorded.forEach((number, index) => {
      const other = real[index]
      if (other !== undefined && !this.generated.has(number)) this.generated.set(number, other)
    })
  }

  private method(store: keyof Stores, name: string): Method {
    const port = this.stores[store] as unknown as Record<string, Method>
    const method = port[name]
    if (!method) throw new Error(`${store} has no method ${name}`)
    return async (...args) => method.apply(port, args)
  }

  /** An argument of a call, for the servers. `work`: that of the transaction which the call opens. */
  private argument(value: unknown, work: Work | null = null): unknown {
    if (typeof value === 'bigint') return this.realNumber(value)
    return copyOf(value, (object) => {
      if (object instanceof TransactionNumber) return this.transaction(object)
      if (object instanceof CallbackResults) return callbackOf(object, work)
      // Other members of objects are amounts.
      if ('seq' in object && typeof object.seq === 'bigint') return { ...object, seq: this.realNumber(object.seq) }
      const isGenerated = Array.isArray(object) && object.some((item) => typeof item === 'bigint')
      return isGenerated ? object.map((item: bigint) => this.realNumber(item)) : null
    })
  }

  private realNumber(recorded: bigint): bigint {
    return this.generated.get(recorded) ?? recorded
  }

  private transaction({ number }: TransactionNumber): DatabaseTransaction {
    const open = this.open.get(number)
    if (!open) throw new Error(`transaction ${number} is not open`)
    return open.transaction
  }
}

/** A function that returns what it did in the recording; or runs the work, if it is called with a transaction. */
function callbackOf({ results }: CallbackResults, work: Work | null) {
  let calls = 0
  return (...args: unknown[]) => {
    const [transaction, ...state] = args
    return transaction instanceof DatabaseTransaction && work ? work(transaction, ...state) : results[calls++]
  }
}
