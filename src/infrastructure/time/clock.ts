/** Time as the service sees it. Code that depends on time injects this port, so that it can run on virtual time. */
export abstract class Clock {
  /** The current instant. It may jump, in both directions. */
  abstract now(): Date

  /** Milliseconds since an arbitrary origin; never goes back. For durations and intervals within one process. */
  abstract monotonicMs(): number
}
