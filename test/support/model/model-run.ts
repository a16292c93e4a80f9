import fc, { type Arbitrary, type AsyncCommand, type Parameters } from 'fast-check'
import { expect } from 'vitest'
import type { Sales } from '../fixtures/sales.js'
import { Clock } from '../../../src/infrastructure/time/clock.js'
import type { ApiResponse, TestApp } from '../service/app.js'
import type { StockModel } from './stock-model.js'

/** Below the timeout of a test, so that a failure is reported with seed and path however long its shrinking takes. */
const TIME_LIMIT_MS = 50_000

/** A failure prints `seed`, `path` and, for commands, `replayPath`; given here and to `fc.commands` they repeat it. */
export function runs(numRuns: number): Pick<Parameters, 'numRuns' | 'interruptAfterTimeLimit'> {
  return { numRuns, interruptAfterTimeLimit: TIME_LIMIT_MS }
}

/**
 * Of every length equally often: by default fast-check stops at ten commands, which reach few states. Half of the sequences
 * begin with one of the `openings`, which lead to states that random commands hardly reach.
 */
export function longSequences<Model extends object, Real>(
  commands: Arbitrary<AsyncCommand<Model, Real>>[],
  maxCommands: number,
  openings: readonly (readonly AsyncCommand<Model, Real>[])[] = [],
): Arbitrary<Iterable<AsyncCommand<Model, Real>>> {
  const random = fc.commands(commands, { maxCommands, size: 'max' })
  if (openings.length === 0) return fc.noBias(random)
  const opening = fc.oneof(fc.constant([]), fc.constantFrom(...openings))
  return fc.noBias(fc.tuple(opening, random).map(([first, rest]) => sequence(first, rest)))
}

/** One after the other; prints both. */
function sequence<Command>(first: readonly Command[], rest: Iterable<Command>): Iterable<Command> {
  const both = {
    *[Symbol.iterator]() {
      yield* first
      yield* rest
    },
    toString: () => [...first, String(rest)].join(','),
  }
  return both
}

/** The service's time during one run: it changes by the steps of the run only. */
export class RunClock {
  private time = Date.now()

  constructor(...instances: TestApp[]) {
    for (const { app } of instances) app.get(Clock).now = () => new Date(this.time)
  }

  /** ms */
  get now(): number {
    return this.time
  }

  advance(ms: number): void {
    this.time += ms
  }
}

interface ModelWithStock {
  stock: StockModel
  clock: RunClock
}

interface RealEvent {
  sales: Sales
  eventId: string
}

/**
 * A command of a model: `apply` predicts with the model, sends to the service and compares. Then the stock that the API
 * shows has to be the model's.
 */
export function command<Model extends ModelWithStock, Real extends RealEvent>(
  name: string,
  apply: (model: Model, real: Real) => Promise<void>,
  isPossible: (model: Readonly<Model>) => boolean = () => true,
): AsyncCommand<Model, Real> {
  return {
    check: isPossible,
    async run(model, real) {
      // No two commands in the same instant.
      model.clock.advance(1)
      await apply(model, real)
      await expectStock(real, model.stock)
    },
    toString: () => name,
  }
}

export async function expectStock({ sales, eventId }: RealEvent, stock: StockModel): Promise<void> {
  const { body } = await sales.service.call('GET', `/events/${eventId}/stock`, { token: sales.operator.token })
  expect(body).toMatchObject(stock.view())
}

/** The element that an arbitrary number selects. */
export function pick<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

/** `201`, or with its code `409 SOLD_OUT`. */
export function statusOf({ status, body }: ApiResponse<object | undefined>): string {
  return body && 'code' in body ? `${status} ${String(body.code)}` : String(status)
}
