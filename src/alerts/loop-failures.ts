import { Injectable, Logger } from '@nestjs/common'
import { toSingleLine } from '../infrastructure/error-text.js'
import { isOutage } from '../infrastructure/errors/outage.js'
import { AlertService } from './alert.service.js'

/** Prefix of `about` in alerts of loops; the name of the loop follows. */
export const LOOP_ALERT_PREFIX = 'loop '
/** Consecutive failures of one event that raise an alert; fewer may be transient. */
const ALERT_THRESHOLD = 3
const MAX_ERROR_LENGTH = 300

/** Failures of one event in a periodic loop over all events: logged at once, with an alert if they persist. */
@Injectable()
export class LoopFailures {
  private readonly logger = new Logger('Loop')

  constructor(private readonly alerts: AlertService) {}

  /** `consecutive`: failures in a row. The alert resolves some time after the last failure. Never throws. */
  record(loop: string, eventId: string, error: unknown, consecutive: number): void {
    this.logger.warn({ err: error, eventId, consecutive }, `${loop} failed; will retry`)
    // An outage has an alert of its own.
    if (consecutive < ALERT_THRESHOLD || isOutage(error)) return
    const detail = `${loop} has failed ${consecutive} times in a row for this event: ${toSingleLine(error, MAX_ERROR_LENGTH)}`
    this.alerts
      .raise({ kind: 'DEAD_LETTER', eventId, about: `${LOOP_ALERT_PREFIX}${loop}`, detail })
      .catch((failed: unknown) => this.logger.warn({ err: failed, eventId }, 'failed to raise an alert'))
  }
}
