export interface RunEachOptions<T> {
  /** At most so many items at once. */
  concurrency: number
  /** ms: so long one item may occupy its place; then the next one has it, whatever became of the work. */
  deadlineMs: number
  /** `late` is aborted at the deadline, so that work which can stop does. */
  work: (item: T, late: AbortSignal) => Promise<void>
  /** Once per item that failed; `DeadlineExceeded`: not done in time, though it may still go on. */
  onFailure: (item: T, error: unknown) => void | Promise<void>
}

export class DeadlineExceeded extends Error {
  constructor(readonly afterMs: number) {
    super(`not done within ${afterMs} ms`)
    this.name = 'DeadlineExceeded'
  }
}

/**
 * Runs `work` on every item, independently: one that fails or hangs costs its neighbours nothing but a place until its
 * deadline. Resolves once each item is done, failed or late. Rejects only when `onFailure` does, after all items.
 */
export async function runEach<T>(items: Iterable<T>, options: RunEachOptions<T>): Promise<void> {
  const { concurrency, deadlineMs, work, onFailure } = options
  const waiting = [...items].values()
  const errors: unknown[] = []
  const tell = async (item: T, error: unknown) => {
    try {
      await onFailure(item, error)
    } catch (failed) {
      errors.push(failed)
    }
  }
  const lane = async () => {
    for (const item of waiting) {
      try {
        await withDeadline(deadlineMs, (late) => work(item, late))
      } catch (error) {
        await tell(item, error)
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  if (errors.length > 0) throw errors[0]
}

/** What `work` answers, or DeadlineExceeded after `ms`; what becomes of it later is no longer heard. */
export async function withDeadline<T>(ms: number, work: (late: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DeadlineExceeded(ms)
      late.abort(error)
      reject(error)
    }, ms)
  })
  try {
    return await Promise.race([work(late.signal), deadline])
  } finally {
    clearTimeout(timer)
  }
}
