/**
 * Runs `work` on all items together. Where it fails because of an item (`isFault`), the items are halved until the bad
 * ones stand alone and get `bad`'s result: k bad ones of n cost at most about 2 k log n more runs. Any other error is
 * thrown. `work` must leave nothing behind when it fails.
 */
export async function isolate<I, O>(
  items: readonly I[],
  work: (items: readonly I[]) => Promise<O[]>,
  isFault: (error: unknown) => boolean,
  bad: (item: I, error: unknown) => O,
): Promise<O[]> {
  const [only] = items
  if (only === undefined) return []
  try {
    return await work(items)
  } catch (error) {
    if (!isFault(error)) throw error
    if (items.length === 1) return [bad(only, error)]
    const middle = Math.ceil(items.length / 2)
    const first = await isolate(items.slice(0, middle), work, isFault, bad)
    return [...first, ...(await isolate(items.slice(middle), work, isFault, bad))]
  }
}
