import { Logger } from '@nestjs/common'
import type { Metrics } from '../infrastructure/metrics/metrics.js'
import { timed } from '../infrastructure/metrics/timed.js'
import type { StockGate } from './gate/gate.js'
import type { Ledger } from './ledger.js'
import type { RebuildReport } from './gate/rebuild.js'

const logger = new Logger('Inventory')

export function meteredGate(gate: StockGate, metrics: Metrics): StockGate {
  const seconds = metrics.histogram('gate_script_seconds', 'Duration of one round trip to the stock gate', ['script'])
  return timed(gate, ['take', 'takeMany', 'void', 'install', 'read'], (script, took) =>
    seconds.observe({ script }, took),
  )
}

export function meteredLedger(ledger: Ledger, metrics: Metrics): Ledger {
  const help = 'Duration of one transaction under the lock of an event or several, from the lock request to the commit'
  const seconds = metrics.histogram('ledger_commit_seconds', help)
  return timed(ledger, ['exclusive', 'exclusiveTogether'], (_method, took) => seconds.observe(took))
}

/** Returns a listener that logs and counts gate rebuilds. */
export function rebuildListener(metrics: Metrics): (report: RebuildReport) => void {
  const rebuilds = metrics.counter('gate_rebuilds_total', 'Stock gate rebuilds from the ledger', ['cause'])
  const seconds = metrics.histogram('gate_rebuild_seconds', 'Duration of a stock gate rebuild')
  const lost = metrics.counter('gate_lost_writes_total', 'Stock gate rebuilds caused by lost writes')
  const falseAccepts = metrics.counter(
    'gate_false_accept_total',
    'Operations accepted by the stock gate and rejected by the ledger',
  )
  const violations = metrics.counter('invariant_violations_total', 'Invariant violations', ['invariant'])
  return (report) => {
    rebuilds.inc({ cause: report.cause })
    seconds.observe(report.seconds)
    if (report.cause === 'lost_writes') lost.inc()
    if (report.cause === 'refused') falseAccepts.inc()
    if (report.corrected.length > 0) {
      violations.inc({ invariant: 'I14' })
      logger.error(report, 'balances differed from the sum of their movements')
    } else logger.log(report, 'stock gate rebuilt')
  }
}
