import type { PORTS } from '../../src/adapters/ports.js'

export type StoreName = keyof typeof PORTS

/** In place of an open transaction in the arguments of a call. */
export class TransactionNumber {
  constructor(readonly number: number) {}
}

/** In place of a function in the arguments of a call, with what it has returned each time, unless it is the work of a transaction. */
export class CallbackResults {
  readonly results: unknown[] = []
}

/** How a call ended. `failure`: the class of the error. */
export type Outcome = { result: unknown } | { failure: string }

interface Timed {
  /** Virtual time at which it took effect, ms since the epoch. */
  atMs: number
}

/** A call of a store. It takes effect at its place in the recording: after the locks that it waited for. */
export interface StoreCall extends Timed {
  kind: 'call'
  store: StoreName
  method: string
  args: readonly unknown[]
  outcome: Outcome
  /** The UUIDs created by it, in order. */
  uuids: readonly string[]
}

/** The call with these arguments has opened a transaction, and its work has started. */
export interface Begin extends Timed {
  kind: 'begin'
  transaction: number
  store: StoreName
  method: string
  args: readonly unknown[]
  /** What the work is passed besides the transaction. */
  result: readonly unknown[]
}

/** Rolled back as well where the process was killed. */
export interface End extends Timed {
  kind: 'end'
  transaction: number
  committed: boolean
}

/** A command of the stock gate that Redis has executed, whether its reply arrived or not. */
export interface GateCommand extends Timed {
  kind: 'gate'
  method: GateMethod
  args: readonly unknown[]
  result: unknown
}

export type GateMethod =
  'take' | 'takeMany' | 'acknowledge' | 'void' | 'install' | 'pending' | 'read' | 'installedEpoch'

/** `saved`: a replica received everything until now. `failed over`: it took the place of the server; null: an empty one did. */
export interface RedisChange extends Timed {
  kind: 'redis'
  change: { kind: 'emptied' } | { kind: 'saved'; copy: number } | { kind: 'failed over'; copy: number | null }
}

export type Entry = StoreCall | Begin | End | GateCommand | RedisChange
