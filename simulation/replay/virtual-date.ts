/**
 * Until the returned function is called, `new Date()` and `Date.now()` are `nowMs`: Prisma fills columns with the time of
 * the process.
 */
export function useVirtualDate(nowMs: () => number): () => void {
  const real = globalThis.Date
  globalThis.Date = new Proxy(real, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [nowMs()] : args, newTarget) as Date,
    get: (target, property) => (property === 'now' ? nowMs : (Reflect.get(target, property) as unknown)),
  })
  return () => {
    globalThis.Date = real
  }
}
