export interface RunEachOptions<T> {
  /** Maximum number of concurrent items. */
  concurrency: number
  /** How long an item may occupy its slot; then the next item gets it, even if the work has not ended. */
  deadlineMs: number
  /** `late` is aborted at the deadline, so that cancellable work stops. */
  work: (item: T, late: AbortSignal) => Promise<void>
  /** Called once per failed item; with `DeadlineExceeded` the work may still be running. */
  onFailure: (item: T, error: unknown) => void | Promise<void>
}

export class DeadlineExceeded extends Error {
  constructor(readonly afterMs: number) {
    super(`not done within ${afterMs} ms`)
    this.name = 'DeadlineExceeded'
  }
}

/**
 * Runs `work` on every item independently: an item that fails or hangs only occupies a slot until its deadline.
 * Resolves once each item has succeeded, failed or timed out. Rejects only when `onFailure` does, after all items.
 */
export async function runEach<T>(items: Iterable<T>, options: RunEachOptions<T>): Promise<void> {
  const { concurrency, deadlineMs, work, onFailure } = options
  const pending = [...items].values()
  const errors: unknown[] = []
  const reportFailure = async (item: T, error: unknown) => {
    try {
      await onFailure(item, error)
    } catch (failed) {
      errors.push(failed)
    }
  }
  const lane = async () => {
    for (const item of pending) {
      try {
        await withDeadline(deadlineMs, (late) => work(item, late))
      } catch (error) {
        await reportFailure(item, error)
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  if (errors.length > 0) throw errors[0]
}

/** Resolves with the result of `work`, or rejects with DeadlineExceeded after `ms`; a later result is ignored. */
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
