import type { ChannelName, Platform } from '../../domain/channel.js'
import type { Drift, DriftKind, DriftValue } from './drift.js'

/** A difference that a run found, as recorded. */
export interface DriftItem extends Drift {
  id: string
  runId: string
  createdAt: Date
}

export interface OpenDrift {
  /** Null: the event's stock gate. */
  channel: Platform | null
  kind: DriftKind
  count: number
}

/** A difference that was reported for a channel of an event, and when it was last. */
export interface ReportedDrift {
  eventId: string
  /** Null: the event's stock gate. */
  channel: ChannelName | null
  since: Date
}

/** Rows of the drift that runs found. */
export abstract class DriftStore {
  abstract add(items: readonly Omit<DriftItem, 'createdAt'>[]): Promise<void>

  /** Up to `limit` items of a run, by ascending id. */
  abstract ofRun(runId: string, limit: number): Promise<DriftItem[]>

  abstract countOfRun(runId: string): Promise<number>

  /** Up to `limit` items of an event by descending id, without dry runs; only those with ids below `before`, if passed. */
  abstract newestOf(eventId: string, before: string | undefined, limit: number): Promise<DriftItem[]>

  /** Counts what a run left uncorrected at an event, per channel and kind, in no order. */
  abstract countOpen(runId: string, eventId: string): Promise<OpenDrift[]>

  /**
   * Those of the reported differences that are settled: a run that started later, not a dry one, has compared the event
   * and left nothing uncorrected at the channel.
   */
  abstract settled<T extends ReportedDrift>(reported: readonly T[]): Promise<T[]>

  /** Deletes uncorrected items of a run: of all events, or of those with ids above `afterEventId`. */
  abstract deleteOpen(runId: string, afterEventId: string | null): Promise<void>

  /** The platform's value in the last item of this kind of each order, without dry runs; orders without one are missing. */
  abstract lastReported(
    { eventId, channel, kind }: { eventId: string; channel: Platform; kind: DriftKind },
    orderIds: readonly string[],
  ): Promise<Map<string, DriftValue>>
}
