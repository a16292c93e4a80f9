import type { Config } from '../../infrastructure/config/config.js'
import { ConfigError, loadConfig } from '../../infrastructure/config/load-config.js'
import { mailLinkProblem } from '../../infrastructure/config/warnings.js'
import { allTraits } from '../../platforms/registry.js'
import { canReach } from '../../inbound/subscriptions/public-address.js'
import { green, red, yellow, type Finding } from './finding.js'

const MIN_NODE = [20, 19] as const

export function nodeFinding(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [minMajor, minMinor] = MIN_NODE
  const tooOld = major < minMajor || (major === minMajor && minor < minMinor)
  if (tooOld) return red('node', `Node ${version}`, `Install Node ${MIN_NODE.join('.')} or newer`)
  return green('node', `Node ${version}`)
}

/** The errors the service would report for its environment at start; without secrets. */
export function environmentFindings(): Finding[] {
  try {
    const config = loadConfig()
    return [green('environment', 'every variable is valid'), ...addressFindings(config), ...mailLinkFindings(config)]
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message
      .split('\n')
      .map((line) => red('environment', line, 'Correct the variable: the service does not start with this value'))
  }
}

function mailLinkFindings(config: Config): Finding[] {
  const problem = mailLinkProblem(config)
  return problem === null
    ? []
    : [yellow('mail links', problem, 'Set PUBLIC_URL to the URL at which customers reach the service')]
}

function addressFindings(config: Config): Finding[] {
  const { demo, http } = config
  if (demo) return [green('public address', `${http.publicUrl} (the demo's platforms are on this machine)`)]
  const senders = allTraits().flatMap(({ webhooks, credentials }) =>
    webhooks && credentials.configured(config) ? [webhooks.apiUrl(config)] : [],
  )
  if (senders.every((api) => canReach(api, http.publicUrl))) return [green('public address', http.publicUrl)]
  const detail = `${http.publicUrl} cannot be reached from the internet: sales are found by sweeps only`
  return [yellow('public address', detail, 'Set PUBLIC_URL to the URL at which platforms reach the service')]
}
