/**
 * Runs `work` on all items together. If it fails because of an item (`isItemError`), the items are bisected until each
 * failing item is isolated and gets the result of `onItemError`: k failing items of n cost at most about 2 k log n more
 * runs. Any other error is thrown. `work` must have no effect when it fails.
 */
export async function bisectFailures<I, O>(
  items: readonly I[],
  work: (items: readonly I[]) => Promise<O[]>,
  isItemError: (error: unknown) => boolean,
  onItemError: (item: I, error: unknown) => O,
): Promise<O[]> {
  const [only] = items
  if (only === undefined) return []
  try {
    return await work(items)
  } catch (error) {
    if (!isItemError(error)) throw error
    if (items.length === 1) return [onItemError(only, error)]
    const middle = Math.ceil(items.length / 2)
    const first = await bisectFailures(items.slice(0, middle), work, isItemError, onItemError)
    return [...first, ...(await bisectFailures(items.slice(middle), work, isItemError, onItemError))]
  }
}
