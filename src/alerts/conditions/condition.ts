import type { AlertKind } from '../alert-kinds.js'
import type { NewAlert } from '../alert.service.js'

/** One instance of what a condition looks for. */
export type Problem = Pick<NewAlert, 'eventId' | 'platform' | 'subject' | 'detail'>

/**
 * A state that needs a person. It is looked for again and again: what is found has an alert, and the alert of what is not
 * found any more is resolved. Reads PostgreSQL alone, and leaves out events that are over.
 */
export abstract class Condition {
  abstract readonly kind: AlertKind
  /** Its name, unique among the conditions of its kind. */
  abstract readonly about: string

  abstract find(now: Date): Promise<Problem[]>
}

/** A time span for a person. @param ms 0 or more */
export function inWords(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
