/** When holds end, by the clock of the server that keeps them. It may lose them at any time. */
export abstract class HoldTimes {
  /** `ttlMs`: for how long the times of the event are kept after its last change. */
  abstract add(eventId: string, holds: readonly { id: string; remainingMs: number }[], ttlMs: number): Promise<void>

  /** Unknown ones are ignored. */
  abstract remove(eventId: string, holdIds: readonly string[]): Promise<void>

  /**
   * Up to `limit` holds that have ended, longest overdue first. Each is returned again after `leaseMs` unless it is
   * removed: the process that leased it may have crashed.
   */
  abstract leaseDue(eventId: string, leaseMs: number, limit: number): Promise<string[]>
}
