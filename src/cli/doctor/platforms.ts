import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { openEvents } from '../../infrastructure/prisma/live-events.js'
import { traitsOf } from '../../platforms/registry.js'
import { Platforms } from '../../platforms/platforms.js'
import type { AccessReport, Failure, PlatformAdapter } from '../../platforms/port.js'
import { Subscriptions } from '../../inbound/subscriptions/subscriptions.js'
import type { CliContext } from '../cli-context.js'
import { green, red, yellow, type Finding } from './finding.js'

/** Whether each platform accepts the credentials and has the webhook subscription. */
export async function platformFindings(context: CliContext): Promise<Finding[]> {
  const found = await Promise.all(
    context
      .get(Platforms)
      .all()
      .map((adapter) => (adapter.configured ? accessFindings(context, adapter) : unconfigured(context, adapter))),
  )
  return found.flat()
}

async function accessFindings(context: CliContext, adapter: PlatformAdapter): Promise<Finding[]> {
  const subscriptions = context.get(Subscriptions)
  const address = subscriptions.addressFor(adapter)
  // `protect`: an operator waits for the response, and it takes one or two calls only.
  const outcome = await adapter.checkAccess(address, { lane: 'protect' }, await subscriptions.eventsOf(adapter))
  if (outcome.kind !== 'OK') return [failure(adapter, outcome)]
  const account = outcome.value.account === null ? '' : `, account ${outcome.value.account}`
  const access = green(check(adapter), `the credentials are valid${account}`)
  if (adapter.hasWebhooks && address === null) return [access, noAddress(adapter)]
  return [access, ...subscription(adapter, outcome.value)]
}

function noAddress(adapter: PlatformAdapter): Finding {
  const variable = traitsOf(adapter.platform).webhooks?.secretVariable
  const detail = 'no public webhook URL to register: sales are found by sweeps only'
  return yellow(`${check(adapter)} webhooks`, detail, `Set PUBLIC_URL${variable ? ` and ${variable}` : ''}`)
}

function subscription(adapter: PlatformAdapter, { subscribed }: AccessReport): Finding[] {
  const name = `${check(adapter)} webhooks`
  if (subscribed === null) return []
  if (subscribed) return [green(name, 'webhooks are sent to this service')]
  const detail = 'no webhooks are sent to this service: sales are found by sweeps only'
  return [
    yellow(
      name,
      detail,
      'Start the service: it subscribes at start and every 15 minutes; check the alerts if that fails',
    ),
  ]
}

function failure(adapter: PlatformAdapter, outcome: Failure): Finding {
  switch (outcome.kind) {
    case 'THROTTLED':
      return yellow(
        check(adapter),
        `the rate limit is exhausted until ${outcome.resumeAt.toISOString()}`,
        'Wait and try again',
      )
    case 'AUTH_FAILED':
    case 'FORBIDDEN':
      return red(check(adapter), `rejected: ${outcome.message}`, 'Replace the credentials and restart the service')
    case 'REJECTED':
    case 'GONE':
      return red(
        check(adapter),
        `unexpected response: ${outcome.message}`,
        'Check the API URL and the permissions of the credentials',
      )
    default:
      return red(check(adapter), `cannot be reached: ${outcome.reason}`, 'Check the network and the API URL')
  }
}

async function unconfigured(context: CliContext, adapter: PlatformAdapter): Promise<Finding[]> {
  const { platform } = adapter
  const where = { platform, detachedAt: null, event: openEvents(context.get(Clock).now()) }
  const channels = await context.get(PrismaService).channel.count({ where })
  if (channels === 0) return [green(check(adapter), 'not used: no credentials, no channels')]
  if (context.config.demo) {
    const detail = `${channels} channels of the demo, whose simulated platforms are not running`
    return [yellow(check(adapter), detail, 'Start the service')]
  }
  return [red(check(adapter), `${channels} channels, but no credentials`, `Set the credentials of ${platform}`)]
}

function check({ platform }: PlatformAdapter): string {
  return platform.toLowerCase()
}
