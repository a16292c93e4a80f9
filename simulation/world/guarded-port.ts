import type { ProcessSteps, Server } from './steps.js'

type Method = (...args: unknown[]) => unknown

/**
 * A port of which each call of an asynchronous method is a step of the process, and each item of an asynchronous iteration.
 * `immediate`: methods that reach no server and return at once.
 */
export function guardedPort<T extends object>(
  port: T,
  server: Server,
  steps: ProcessSteps,
  immediate: readonly string[] = [],
): T {
  const guarded = new Map<string, Method>()
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function' || typeof name === 'symbol' || name === 'constructor') return value
      const known = guarded.get(name)
      if (known) return known
      const method = (...args: unknown[]) => (value as Method).apply(target, args)
      const label = `${target.constructor.name}.${name}`
      const call = immediate.includes(name) ? method : guardedMethod(method, (work) => steps.run(server, label, work))
      const chosen =
        value.constructor.name === 'AsyncGeneratorFunction' ? guardedIteration(method, server, label, steps) : call
      guarded.set(name, chosen)
      return chosen
    },
  })
}

function guardedMethod(method: Method, run: (work: () => Promise<unknown>) => Promise<unknown>): Method {
  return (...args) => run(async () => method(...args))
}

function guardedIteration(method: Method, server: Server, label: string, steps: ProcessSteps): Method {
  return async function* iterate(...args) {
    const items = (method(...args) as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    for (;;) {
      const item = await steps.run(server, label, () => items.next())
      if (item.done) return
      yield item.value
    }
  }
}
