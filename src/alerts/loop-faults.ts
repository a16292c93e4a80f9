import { Injectable, Logger } from '@nestjs/common'
import { inOneLine } from '../infrastructure/error-text.js'
import { isOutage } from '../infrastructure/outage.js'
import { AlertService } from './alert.service.js'

/** What alerts of loops are about: this, and the loop. */
export const LOOP = 'loop '
/** One failure may pass; an event that fails so often in a row needs a person. */
const TIMES = 3
const MAX_TEXT = 300

/** Failures of one event in a periodic loop over all events: logged at once, an alert when they persist. */
@Injectable()
export class LoopFaults {
  private readonly logger = new Logger('Loop')

  constructor(private readonly alerts: AlertService) {}

  /** `times`: how often in a row. The alert ends when no failure has come for a while. Never throws. */
  note(loop: string, eventId: string, error: unknown, times: number): void {
    this.logger.warn({ err: error, eventId, times }, `${loop} failed, it is repeated`)
    // An outage has an alert of its own.
    if (times < TIMES || isOutage(error)) return
    const detail = `${loop} has failed ${times} times in a row for this event: ${inOneLine(error, MAX_TEXT)}`
    this.alerts
      .raise({ kind: 'DEAD_LETTER', eventId, about: `${LOOP}${loop}`, detail })
      .catch((failed: unknown) => this.logger.warn({ err: failed, eventId }, 'an alert could not be raised'))
  }
}
