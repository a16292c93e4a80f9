/** Longer keys are not remembered: callers send them. */
const MAX_KEY_LENGTH = 500

/**
 * A function that remembers its results, for those that depend on the argument alone; null is computed again. Bounded: when
 * `max` results are remembered, all are forgotten.
 */
export function remembered<V>(max: number, compute: (key: string) => V): (key: string) => V {
  const known = new Map<string, V>()
  return (key) => {
    const earlier = known.get(key)
    if (earlier !== undefined) return earlier
    const value = compute(key)
    if (value === null || key.length > MAX_KEY_LENGTH) return value
    if (known.size >= max) known.clear()
    known.set(key, value)
    return value
  }
}
