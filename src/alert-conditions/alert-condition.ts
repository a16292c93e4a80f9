import type { AlertKind } from '../alerts/alert-kinds.js'
import type { NewAlert } from '../alerts/alert.service.js'

/** One occurrence of a condition. */
export type AlertProblem = Pick<NewAlert, 'eventId' | 'platform' | 'subject' | 'detail'>

/**
 * A state that requires an operator. Evaluated periodically: each problem found has an alert, and alerts of problems that
 * are no longer found are resolved. Reads only stores, so that it works without Redis, and ignores events that are over.
 */
export abstract class AlertCondition {
  abstract readonly kind: AlertKind
  /** The name of the condition, unique within its kind. */
  abstract readonly about: string

  abstract find(now: Date): Promise<AlertProblem[]>
}

/** Formats a time span for operators. @param ms 0 or more */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
