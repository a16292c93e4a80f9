/** Locks of the whole installation, by name: only one process at a time does the work. */
export abstract class Locks {
  /**
   * Runs `work` while holding the lock `name`; returns null at once when another process, or other work of this one, holds
   * it, or this process is out of service. Rejects like `work`. Long work must observe `lost`: once it is aborted, another
   * process may hold the lock. A lock does not fence requests that were already sent.
   */
  abstract tryWith<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null>

  /** Like `tryWith`, for the few leader locks: never waits for other work of this process. */
  abstract tryLead<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | null>
}
