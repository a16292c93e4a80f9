import { Logger } from '@nestjs/common'
import type { Metrics } from '../infrastructure/metrics/metrics.js'
import { timed } from '../infrastructure/metrics/timed.js'
import type { StockGate } from './gate.js'
import type { Ledger } from './ledger.js'
import type { RebuildReport } from './rebuild.js'

const logger = new Logger('Inventory')

export function observedGate(gate: StockGate, metrics: Metrics): StockGate {
  const seconds = metrics.histogram('gate_script_seconds', 'One round trip to the stock gate', ['script'])
  return timed(gate, ['take', 'takeMany', 'void', 'install', 'read'], (script, took) =>
    seconds.observe({ script }, took),
  )
}

export function observedLedger(ledger: Ledger, metrics: Metrics): Ledger {
  const help = "One transaction under an event's lock, from asking for the lock to the commit"
  const seconds = metrics.histogram('ledger_commit_seconds', help)
  return timed(ledger, ['exclusive'], (_method, took) => seconds.observe(took))
}

/** Tells of rebuilt gates: log lines and metrics. */
export function rebuildNews(metrics: Metrics): (report: RebuildReport) => void {
  const rebuilds = metrics.counter('gate_rebuilds_total', 'Gates loaded anew from the ledger', ['cause'])
  const seconds = metrics.histogram('gate_rebuild_seconds', 'Time to load a gate from the ledger')
  const lost = metrics.counter('gate_lost_writes_total', 'Gates that had forgotten decisions')
  const falseAccepts = metrics.counter('gate_false_accept_total', 'Decisions of a gate that the ledger forbade')
  const violations = metrics.counter('invariant_violations_total', 'Broken invariants', ['invariant'])
  return (report) => {
    rebuilds.inc({ cause: report.cause })
    seconds.observe(report.seconds)
    if (report.cause === 'lost_writes') lost.inc()
    if (report.cause === 'refused') falseAccepts.inc()
    if (report.corrected.length > 0) {
      violations.inc({ invariant: 'I14' })
      logger.error(report, 'balances differed from their movements')
    } else logger.log(report, 'stock gate rebuilt')
  }
}
