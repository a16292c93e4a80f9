import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import type { ModeCause, ModeChange } from '../system-mode/mode-store.js'

/** Reports a mode transition made by this process: one log line, one alert, one metric increment. */
@Injectable()
export class ModeChangeNotifier {
  private readonly logger = new Logger('FailSafe')
  private readonly transitions

  constructor(
    private readonly alerts: AlertService,
    metrics: Metrics,
  ) {
    this.transitions = metrics.counter('failsafe_transitions_total', 'Mode transitions by cause', ['cause'])
  }

  async notify(cause: ModeCause, { before, after }: ModeChange): Promise<void> {
    const { mode, forced, reason } = after
    if (before.mode === mode && before.forced === forced) return
    this.transitions.inc({ cause })
    const lastedMs = Math.max(0, after.since.getTime() - before.since.getTime())
    if (mode === 'NORMAL') this.logger.log({ cause, reason, lastedMs }, 'fail-safe mode ended')
    else
      this.logger.warn(
        { cause, reason, forced },
        forced || before.mode === 'NORMAL' ? 'fail-safe mode started' : 'fail-safe mode released',
      )
    if (mode === 'NORMAL' || cause === 'released') return
    const detail = `Sales are stopped and all platforms are set to waitlist only: ${reason}. ${forced ? 'The mode was forced and must be released manually.' : 'The mode ends automatically once Redis is reachable and all sales are read.'}`
    await this.alerts.raise({ kind: 'FAIL_SAFE', about: cause, detail })
  }
}
