import { Readiness } from '../../infrastructure/health/readiness.js'
import type { CliContext } from '../cli-context.js'
import { green, red, type Finding } from './finding.js'

const NEEDED: Record<string, string> = {
  postgresql: 'a write can be stored',
  redis: 'the stock gate decides',
  queues: 'a job can be queued',
}

/** Whether each part can do what the service needs it for, by the checks of `/health/ready`. */
export async function readinessFindings(station: CliContext): Promise<Finding[]> {
  const findings = await station.get(Readiness).findings()
  return findings.map(({ part, fault }) => {
    const check = `ready: ${part}`
    if (fault === null) return green(check, NEEDED[part] ?? 'works')
    return red(
      check,
      fault,
      `Until ${NEEDED[part] ?? 'it works'}, /health/ready answers 503; see the log of that server`,
    )
  })
}
