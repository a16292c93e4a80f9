/** Recurring instants. Code that runs by the calendar injects this port, so that it can run on virtual time. */
export abstract class Cron {
  /**
   * The first instant after now that `expression` (five fields, or six with leading seconds) matches in `timezone`.
   * @throws Error if the expression is invalid or names a date that does not exist
   */
  abstract next(expression: string, timezone: string): Date

  /**
   * Runs `work` at every such instant until it is cancelled. Returns the function that cancels it. A process that was
   * suspended misses instants. Throws like `next`.
   */
  abstract schedule(expression: string, timezone: string, work: () => void): () => void
}
