/** Chance where it decides what happens (jitter), not secrets and ids. Injected, so that a run can be repeated from a seed. */
export abstract class Random {
  /** At least 0, less than 1. */
  abstract next(): number
}
