import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import type { ModeCause, ModeChange } from './mode-store.js'

/** Tells of a transition that this process has made: one log line, one alert, one count. */
@Injectable()
export class ModeChangeNotifier {
  private readonly logger = new Logger('FailSafe')
  private readonly transitions

  constructor(
    private readonly alerts: AlertService,
    metrics: Metrics,
  ) {
    this.transitions = metrics.counter('failsafe_transitions_total', 'Transitions of the mode by cause', ['cause'])
  }

  async tell(cause: ModeCause, { before, after }: ModeChange): Promise<void> {
    const { mode, forced, reason } = after
    if (before.mode === mode && before.forced === forced) return
    this.transitions.inc({ cause })
    const lastedMs = Math.max(0, after.since.getTime() - before.since.getTime())
    if (mode === 'NORMAL') this.logger.log({ cause, reason, lastedMs }, 'fail-safe mode has ended')
    else
      this.logger.warn(
        { cause, reason, forced },
        forced || before.mode === 'NORMAL' ? 'fail-safe mode' : 'fail-safe mode is released',
      )
    if (mode === 'NORMAL' || cause === 'released') return
    const detail = `Nothing is sold and all platforms go to waitlist only: ${reason}. ${forced ? 'It was forced and ends only by hand.' : 'It ends by itself once Redis answers again and all sales are read.'}`
    await this.alerts.raise({ kind: 'FAIL_SAFE', about: cause, detail })
  }
}
