import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { openEvents } from '../../inventory/live-events.js'
import { Platforms } from '../../platforms/platforms.js'
import type { AccessReport, Failure, PlatformAdapter } from '../../platforms/port.js'
import { Subscriptions } from '../../webhooks/subscriptions.js'
import type { CliContext } from '../cli-context.js'
import { green, red, yellow, type Finding } from './finding.js'

/** Whether each platform takes our credentials and knows where to send its webhooks. */
export async function platformFindings(station: CliContext): Promise<Finding[]> {
  const found = await Promise.all(
    station
      .get(Platforms)
      .all()
      .map((adapter) => (adapter.configured ? accessFindings(station, adapter) : unconfigured(station, adapter))),
  )
  return found.flat()
}

async function accessFindings(station: CliContext, adapter: PlatformAdapter): Promise<Finding[]> {
  const subscriptions = station.get(Subscriptions)
  const address = subscriptions.addressFor(adapter)
  // Somebody waits for the answer, and it is one call or two.
  const outcome = await adapter.checkAccess(address, { lane: 'protect' }, await subscriptions.eventsOf(adapter))
  if (outcome.kind !== 'OK') return [failure(adapter, outcome)]
  const account = outcome.value.account === null ? '' : `, account ${outcome.value.account}`
  const access = green(check(adapter), `the credentials are good${account}`)
  if (adapter.hasWebhooks && address === null) return [access, noAddress(adapter)]
  return [access, ...subscription(adapter, outcome.value)]
}

function noAddress(adapter: PlatformAdapter): Finding {
  const token = adapter.platform === 'EVENTBRITE' ? ' and EVENTBRITE_WEBHOOK_TOKEN' : ''
  const detail = 'it cannot be told where to send its webhooks: sales are seen by sweeps only'
  return yellow(`${check(adapter)} webhooks`, detail, `Set PUBLIC_URL${token}`)
}

function subscription(adapter: PlatformAdapter, { subscribed }: AccessReport): Finding[] {
  const about = `${check(adapter)} webhooks`
  if (subscribed === null) return []
  if (subscribed) return [green(about, 'it sends its webhooks to this service')]
  const detail = 'it sends no webhooks to this service: sales are seen by sweeps only'
  return [
    yellow(
      about,
      detail,
      'Start the service: it subscribes at start and every 15 minutes; look for an alert if it cannot',
    ),
  ]
}

function failure(adapter: PlatformAdapter, outcome: Failure): Finding {
  switch (outcome.kind) {
    case 'THROTTLED':
      return yellow(
        check(adapter),
        `our budget is spent until ${outcome.resumeAt.toISOString()}`,
        'Wait, and try again',
      )
    case 'AUTH_FAILED':
    case 'FORBIDDEN':
      return red(
        check(adapter),
        `refused: ${outcome.message}`,
        'Renew the credentials and restart the service with them',
      )
    case 'REJECTED':
    case 'GONE':
      return red(
        check(adapter),
        `answered, but not as expected: ${outcome.message}`,
        'Check the address and the rights of the credentials',
      )
    default:
      return red(check(adapter), `cannot be reached: ${outcome.reason}`, 'Check the network and the address of the API')
  }
}

async function unconfigured(station: CliContext, adapter: PlatformAdapter): Promise<Finding[]> {
  const { platform } = adapter
  const where = { platform, detachedAt: null, event: openEvents(new Date()) }
  const channels = await station.get(PrismaService).channel.count({ where })
  if (channels === 0) return [green(check(adapter), 'not used: no credentials, no channels')]
  if (station.config.demo) {
    const detail = `${channels} channels of the demo, whose simulated platforms do not run`
    return [yellow(check(adapter), detail, 'Start the service')]
  }
  return [red(check(adapter), `${channels} channels, but no credentials`, `Set the credentials of ${platform}`)]
}

function check({ platform }: PlatformAdapter): string {
  return platform.toLowerCase()
}
