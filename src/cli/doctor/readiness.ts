import { Readiness } from '../../infrastructure/health/readiness.js'
import type { CliContext } from '../cli-context.js'
import { green, red, type Finding } from './finding.js'

const CAPABILITIES: Record<string, string> = {
  postgresql: 'accepts writes',
  redis: 'the stock gate works',
  queues: 'accept jobs',
}

/** Runs the checks of `/health/ready`. */
export async function readinessFindings(context: CliContext): Promise<Finding[]> {
  const findings = await context.get(Readiness).findings()
  return findings.map(({ part, failure }) => {
    const check = `ready: ${part}`
    if (failure === null) return green(check, CAPABILITIES[part] ?? 'works')
    return red(check, failure, '/health/ready returns 503 until this check succeeds; see the log of that server')
  })
}
