import type { Scheduler } from 'fast-check'
import { setImmediate as macrotask, setTimeout as sleep } from 'node:timers/promises'
import { StockGate } from '../../../src/stock/gate/gate.js'
import { Stock } from '../../../src/stock/stock.js'
import type { TestApp } from '../service/app.js'

/** A participant that neither arrives at a point nor ends within this time waits for another one: for its lock or batch. */
const BLOCKED_AFTER_MS = 15

/**
 * Requests whose order is decided by fast-check's scheduler, one step at a time. It cannot order the statements of
 * PostgreSQL and Redis, so a step ends at a *point*: the start of a request, a call of a port (below), its end. Between
 * two points one participant runs alone, with real databases, unless it waits for another one's lock. So an order is
 * repeatable by its seed.
 */
export class Race {
  private readonly restore: (() => void)[] = []
  private total = 0
  private parked = 0
  private ended = 0

  constructor(
    private readonly scheduler: Scheduler,
    instances: readonly TestApp[],
  ) {
    instances.forEach(({ app }, index) => {
      const at = (name: string) => `${name} on instance ${index + 1}`
      // After the checks of a request, before it locks the event.
      this.before(app.get(Stock), 'transact', at('lock'))
      // Where a request is refused without the lock.
      this.before(app.get(StockGate), 'read', at('gate read'))
      // Decided by the gate, not yet committed by the ledger.
      this.after(app.get(StockGate), 'takeMany', at('gate taken'))
    })
  }

  /** Runs all of them to their end; their results by name. A failing participant fails the race. */
  async run<T extends Record<string, () => Promise<unknown>>>(
    participants: T,
  ): Promise<{ [Name in keyof T]: Awaited<ReturnType<T[Name]>> }> {
    const entries = Object.entries(participants)
    this.total = entries.length
    const results = entries.map(async ([name, act]) => {
      await this.point(name)
      try {
        return [name, await act()] as const
      } finally {
        this.ended += 1
      }
    })
    try {
      const pairs = await this.scheduler.waitFor(Promise.all(results), async (step) => {
        await step()
        await this.untilAllWait()
      })
      return Object.fromEntries(pairs) as { [Name in keyof T]: Awaited<ReturnType<T[Name]>> }
    } finally {
      for (const undo of this.restore.splice(0)) undo()
    }
  }

  /** Makes each call of a method wait for its turn. */
  before<T extends object>(target: T, method: keyof T, label: string): void {
    this.wrap(target, method, async (call) => {
      await this.point(label)
      return call()
    })
  }

  private after<T extends object>(target: T, method: keyof T, label: string): void {
    this.wrap(target, method, async (call) => {
      const result = await call()
      await this.point(label)
      return result
    })
  }

  private wrap<T extends object>(target: T, method: keyof T, around: (call: () => unknown) => Promise<unknown>): void {
    const own = Object.getOwnPropertyDescriptor(target, method)
    const original = target[method] as (...args: unknown[]) => unknown
    const wrapped = (...args: unknown[]) => around(() => original.apply(target, args))
    Object.defineProperty(target, method, { value: wrapped, configurable: true, writable: true })
    this.restore.push(() => {
      if (own) Object.defineProperty(target, method, own)
      else delete target[method]
    })
  }

  private async point(label: string): Promise<void> {
    this.parked += 1
    await this.scheduler.schedule(Promise.resolve(), label)
    this.parked -= 1
  }

  private async untilAllWait(): Promise<void> {
    await macrotask()
    let before = -1
    for (let idleMs = 0; this.parked + this.ended < this.total && idleMs < BLOCKED_AFTER_MS; idleMs++) {
      if (this.parked + this.ended !== before) idleMs = 0
      before = this.parked + this.ended
      await sleep(1)
    }
  }
}
