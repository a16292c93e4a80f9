type Method = (...args: unknown[]) => unknown

/**
 * Measures the duration of methods of one object, including failed calls. `observe` receives the method's name and the
 * seconds. Throws for a name that is not a method.
 */
export function timed<T extends object, K extends keyof T & string>(
  target: T,
  methods: readonly K[],
  observe: (method: K, seconds: number) => void,
): T {
  for (const name of methods) {
    const original: unknown = target[name]
    if (typeof original !== 'function') throw new TypeError(`${name} is not a method`)
    const value = async (...args: unknown[]) => {
      const started = performance.now()
      try {
        return await (original as Method).apply(target, args)
      } finally {
        observe(name, (performance.now() - started) / 1_000)
      }
    }
    Object.defineProperty(target, name, { value, writable: true, configurable: true })
  }
  return target
}
