/** Runs `work` on every item, at most `most` at a time. Rejects with the first failure, after all that had begun. */
export async function inParallel<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items]
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  const results = await Promise.allSettled(Array.from({ length: Math.min(most, waiting.length) }, lane))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
