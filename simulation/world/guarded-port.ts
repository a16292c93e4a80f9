import type { ProcessSteps, Server } from './steps.js'

type Method = (...args: unknown[]) => unknown

/**
 * A port of which each asynchronous method is a step of the process. `immediate`: methods that reach no server and
 * return at once.
 */
export function guardedPort<T extends object>(
  port: T,
  server: Server,
  steps: ProcessSteps,
  immediate: readonly string[] = [],
): T {
  const guarded = new Map<string | symbol, Method>()
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function' || typeof name === 'symbol' || name === 'constructor') return value
      const known = guarded.get(name)
      if (known) return known
      const method = value as Method
      const label = `${target.constructor.name}.${name}`
      const call: Method = immediate.includes(name)
        ? (...args) => method.apply(target, args)
        : (...args) => steps.run(server, label, async () => method.apply(target, args))
      guarded.set(name, call)
      return call
    },
  })
}
