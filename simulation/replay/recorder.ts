import { AsyncLocalStorage } from 'node:async_hooks'
import type { RedisSnapshot } from '../../src/adapters/memory/memory-redis.js'
import { MemoryTransaction } from '../../src/adapters/memory/memory-transaction.js'
import type { MemoryGateState } from '../../src/adapters/memory/stock/memory-gate-state.js'
import type { Stores } from '../../src/adapters/ports.js'
import type { UuidSource } from '../../src/infrastructure/ids.js'
import type { LockRegistry } from '../../src/infrastructure/locks/memory-locks.js'
import type { SharedMemory } from '../../src/infrastructure/shared-memory.js'
import type { VirtualTime } from '../../src/infrastructure/time/virtual-time.js'
import type { FinalGate } from './final-state.js'
import { failureOf, isInterrupted } from './failure.js'
import { copyOf, textOf } from './plain-values.js'
import { RecordedDatabase } from './recorded-database.js'
import {
  CallbackResults,
  TransactionNumber,
  type Entry,
  type GateMethod,
  type Outcome,
  type RedisChange,
  type StoreCall,
  type StoreName,
} from './recording.js'

type Method = (...args: unknown[]) => unknown

/** A call that has started: where it belongs in the recording may still change. */
interface Running {
  position: number
  atMs: number
  uuids: string[]
}

/** Outcomes of calls that have found nothing. */
const EMPTY: ReadonlySet<string> = new Set(
  [undefined, null, false, 0, [], new Set(), new Map()].map((result) => textOf({ result })),
)
const RECORDED_EVERY = 10
/** Their last argument is the history of the server in which a command runs: the replay has one of its own. */
const WITH_RUN: ReadonlySet<string> = new Set<GateMethod>(['take', 'takeMany', 'install', 'read'])

/**
 * Records what all processes of one run do at the stores and the gate, in the order in which it takes effect. Below the
 * faults of the run: a result that was lost on its way to the process is recorded, a call that never arrived is not.
 */
export class Recorder {
  private readonly recorded: { position: number; entry: Entry }[] = []
  private readonly calls = new AsyncLocalStorage<Running>()
  private readonly numbers = new WeakMap<MemoryTransaction, number>()
  private readonly copies = new WeakMap<RedisSnapshot, number>()
  private readonly repeated = new Map<string, { text: string; version: number; omitted: number }>()
  private last = { position: 0, transaction: 0, copy: 0 }
  private finalGates: readonly FinalGate[] = []
  private finished = false
  private observed: { time: VirtualTime; database: RecordedDatabase; startMs: number } | null = null

  /** Everything so far, in order. */
  get entries(): Entry[] {
    return this.recorded.toSorted((a, b) => a.position - b.position).map(({ entry }) => entry)
  }

  /** The database as the run left it. */
  get database(): RecordedDatabase {
    return this.parts.database
  }

  /** When the run started, ms since the epoch. */
  get startMs(): number {
    return this.parts.startMs
  }

  /** The gates of all events as the run left them. */
  get gates(): readonly FinalGate[] {
    return this.finalGates
  }

  /** The run has ended: what follows is not part of it. */
  finish(gates: readonly FinalGate[]): void {
    this.finalGates = gates
    this.finished = true
  }

  /** The database of the run; called once, before anything else. */
  createDatabase(time: VirtualTime, locks: LockRegistry): RecordedDatabase {
    const database = new RecordedDatabase(time, locks, {
      onLocked: () => this.moveToEnd(),
      onEnd: (transaction, committed) => this.onEnd(transaction, committed),
    })
    this.observed = { time, database, startMs: time.ms() }
    return database
  }

  uuids(source: UuidSource): UuidSource {
    return () => {
      const uuid = source()
      this.calls.getStore()?.uuids.push(uuid)
      return uuid
    }
  }

  stores(stores: Stores): Stores {
    const names = Object.keys(stores) as StoreName[]
    return Object.fromEntries(names.map((name) => [name, this.store(name, stores[name])])) as unknown as Stores
  }

  /** The gate's memory as one process reaches it. */
  gate(memory: SharedMemory<MemoryGateState>): SharedMemory<MemoryGateState> {
    return {
      ...memory,
      read: (command) => memory.read((state, run) => command(this.commandsOf(state), run)),
      write: (command) => memory.write((state, run) => command(this.commandsOf(state), run)),
    }
  }

  emptied(): void {
    this.addRedis({ kind: 'emptied' })
  }

  saved(snapshot: RedisSnapshot): void {
    const copy = ++this.last.copy
    this.copies.set(snapshot, copy)
    this.addRedis({ kind: 'saved', copy })
  }

  failedOver(received: RedisSnapshot | null): void {
    this.addRedis({ kind: 'failed over', copy: received && (this.copies.get(received) ?? null) })
  }

  private store<T extends object>(name: StoreName, store: T): T {
    const methods = new Map<string, Method>()
    const recorded: T = new Proxy(store, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target)
        // The stores of tokens are objects of their own; the platforms of a run use none.
        if (typeof value !== 'function' || typeof property === 'symbol' || name === 'tokens') return value
        const known = methods.get(property)
        if (known || property === 'constructor') return known ?? value
        const method: Method = (...args) => (value as Method).apply(target, args)
        if (value.constructor.name === 'AsyncGeneratorFunction') return iteration(value as Method, recorded)
        const chosen = this.call(name, property, method)
        methods.set(property, chosen)
        return chosen
      },
    })
    return recorded
  }

  private call(store: StoreName, name: string, method: Method): Method {
    return async (...args) => {
      const { database } = this.parts
      const running: Running = { position: ++this.last.position, atMs: this.nowMs(), uuids: [] }
      const version = database.version
      const callbacks = new Map<unknown, CallbackResults>()
      const recordedArgs = args.map((arg) => this.copy(arg, callbacks))
      let opened = false
      const begin = (transaction: MemoryTransaction, rest: readonly unknown[]) => {
        opened = true
        const number = ++this.last.transaction
        this.numbers.set(transaction, number)
        const result = rest.map((item) => this.copy(item))
        const details = { transaction: number, store, method: name, args: recordedArgs, result }
        this.add({ kind: 'begin', ...details, atMs: this.nowMs() })
      }
      const end = (outcome: Outcome) => {
        const entry = { kind: 'call', store, method: name, args: recordedArgs, outcome, uuids: running.uuids } as const
        if (opened || this.finished || (callbacks.size === 0 && this.isRepeated(entry, version))) return
        this.recorded.push({ position: running.position, entry: { ...entry, atMs: running.atMs } })
      }
      try {
        const recordedCalls = args.map((arg) => this.withRecordedCallbacks(arg, callbacks, begin))
        const result = await this.calls.run(running, () => method(...recordedCalls))
        end({ result: this.copy(result) })
        return result
      } catch (error) {
        if (!isInterrupted(error)) end({ failure: failureOf(error) })
        throw error
      }
    }
  }

  /** The argument with functions that record their calls. */
  private withRecordedCallbacks(
    arg: unknown,
    callbacks: ReadonlyMap<unknown, CallbackResults>,
    begin: (transaction: MemoryTransaction, rest: readonly unknown[]) => void,
  ): unknown {
    const callback = callbacks.get(arg)
    if (callback) {
      return (...inner: unknown[]) => {
        const [transaction, ...rest] = inner
        const isWork = transaction instanceof MemoryTransaction
        if (isWork) begin(transaction, rest)
        const result = (arg as Method)(...inner)
        if (!isWork) callback.results.push(this.copy(result))
        return result
      }
    }
    if (typeof arg !== 'object' || arg === null || !Object.values(arg).some((member) => callbacks.has(member)))
      return arg
    const members = Object.entries(arg).map(([name, member]) => [
      name,
      this.withRecordedCallbacks(member, callbacks, begin),
    ])
    return Object.fromEntries(members) as object
  }

  /**
   * Whether a call without a transaction repeats the last one with the same arguments, instants excepted: it has changed
   * nothing and returned the same, and nothing else has changed either. Most are polls that find nothing; of those that
   * find nothing although something has changed, every tenth is recorded.
   */
  private isRepeated(call: Pick<StoreCall, 'store' | 'method' | 'args' | 'outcome'>, before: number): boolean {
    if (call.args.some((arg) => arg instanceof TransactionNumber)) return false
    const timeless = copyOf(call.args, (object) => (object instanceof Date ? 'an instant' : null))
    const key = `${call.store}.${call.method} ${textOf(timeless)}`
    const earlier = this.repeated.get(key)
    const text = textOf(call.outcome)
    const { version } = this.parts.database
    const isSame = version === before && earlier?.text === text
    const omitted = isSame ? earlier.omitted + 1 : 0
    const isOmitted = isSame && (earlier.version === version || (EMPTY.has(text) && omitted < RECORDED_EVERY))
    this.repeated.set(key, { text, version, omitted: isOmitted ? omitted : 0 })
    return isOmitted
  }

  private onEnd(transaction: MemoryTransaction, committed: boolean): void {
    const number = this.numbers.get(transaction)
    if (number === undefined) return
    this.add({ kind: 'end', transaction: number, committed, atMs: this.nowMs() })
  }

  /** What follows in the running call happens after everything that has been recorded. */
  private moveToEnd(): void {
    const running = this.calls.getStore()
    if (running) Object.assign(running, { position: ++this.last.position, atMs: this.nowMs() })
  }

  private commandsOf(state: MemoryGateState): MemoryGateState {
    return new Proxy(state, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target)
        if (typeof value !== 'function' || typeof property === 'symbol') return value
        return (...args: unknown[]) => {
          const result: unknown = (value as Method).apply(target, args)
          const own = WITH_RUN.has(property) ? args.slice(0, -1) : args
          const command = { method: property as GateMethod, args: own.map((arg) => copyOf(arg)) }
          this.add({ kind: 'gate', ...command, result: copyOf(result), atMs: this.nowMs() })
          return result
        }
      },
    })
  }

  private addRedis(change: RedisChange['change']): void {
    this.add({ kind: 'redis', change, atMs: this.nowMs() })
  }

  private add(entry: Entry): void {
    if (!this.finished) this.recorded.push({ position: ++this.last.position, entry })
  }

  /** `callbacks` receives the placeholders of the functions in the value. */
  private copy(value: unknown, callbacks = new Map<unknown, CallbackResults>()): unknown {
    return copyOf(value, (object) => {
      if (object instanceof MemoryTransaction) return new TransactionNumber(this.numbers.get(object) ?? 0)
      if (typeof object !== 'function') return null
      const callback = callbacks.get(object) ?? new CallbackResults()
      callbacks.set(object, callback)
      return callback
    })
  }

  /** Whole, as instants are. */
  private nowMs(): number {
    return Math.floor(this.parts.time.ms())
  }

  private get parts() {
    if (!this.observed) throw new Error('the run has no database yet')
    return this.observed
  }
}

/** Records what the iteration reads instead of its items. */
function iteration(method: Method, recorded: object): Method {
  return async function* iterate(...args) {
    yield* method.apply(recorded, args) as AsyncIterable<unknown>
  }
}
