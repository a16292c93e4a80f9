/** Time as the service sees it. Code that depends on time injects this port, so that it can run on virtual time. */
export abstract class Clock {
  /**
   * The current instant, on which all processes agree; never goes back (`SynchronizedClock`). For instants that are
   * stored, or compared with those of other processes.
   */
  abstract now(): Date

  /** Milliseconds since an arbitrary origin; never goes back. For durations and intervals within one process. */
  abstract monotonicMs(): number
}

/** The clocks of this machine. `now` may jump, in both directions; only `SynchronizedClock` uses it. */
export abstract class WallClock extends Clock {
  /** Milliseconds since the machine started, including the time in which it was suspended, which `monotonicMs` lacks. */
  abstract uptimeMs(): number
}
