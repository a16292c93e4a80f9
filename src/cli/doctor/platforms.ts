import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { openEvents } from '../../infrastructure/prisma/live-events.js'
import { checkAccess } from '../../platforms/access/check-access.js'
import { traitsOf } from '../../platforms/registry.js'
import { Platforms, type PlatformConnection } from '../../platforms/platforms.js'
import type { AccessReport, Failure } from '../../platforms/port.js'
import { Subscriptions } from '../../inbound/subscriptions/subscriptions.js'
import type { CliContext } from '../cli-context.js'
import { green, red, yellow, type Finding } from './finding.js'

/** Whether each platform accepts the credentials and has the webhook subscription. */
export async function platformFindings(context: CliContext): Promise<Finding[]> {
  const found = await Promise.all(
    context
      .get(Platforms)
      .all()
      .filter(({ platform }) => traitsOf(platform).hasApi)
      .map((connection) => {
        return connection.adapter.configured ? accessFindings(context, connection) : unconfigured(context, connection)
      }),
  )
  return found.flat()
}

async function accessFindings(context: CliContext, connection: PlatformConnection): Promise<Finding[]> {
  const { adapter } = connection
  const subscriptions = context.get(Subscriptions)
  const address = subscriptions.addressFor(connection)
  const events = await subscriptions.eventsOf(connection)
  const time = { clock: context.get(Clock), timers: context.get(Timers) }
  const outcome = await checkAccess(adapter, time, address, events)
  if (outcome.kind !== 'OK') return [failure(connection, outcome)]
  const { account, missing } = outcome.value
  const owner = account === null ? '' : `, account ${account.name ?? account.id}`
  const valid = `the credentials are valid${owner}`
  const fix = 'Give the account that permission on the platform'
  const access = missing ? yellow(check(connection), `${valid}, but ${missing}`, fix) : green(check(connection), valid)
  if (adapter.hasWebhooks && address === null) return [access, noAddress(connection)]
  return [access, ...subscription(connection, outcome.value)]
}

function noAddress(connection: PlatformConnection): Finding {
  const variable = traitsOf(connection.platform).webhooks?.secretVariable
  const detail = 'no public webhook URL to register: sales are found by sweeps only'
  return yellow(`${check(connection)} webhooks`, detail, `Set PUBLIC_URL${variable ? ` and ${variable}` : ''}`)
}

function subscription(connection: PlatformConnection, { subscribed }: AccessReport): Finding[] {
  const name = `${check(connection)} webhooks`
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

function failure(connection: PlatformConnection, outcome: Failure): Finding {
  switch (outcome.kind) {
    case 'THROTTLED':
      return yellow(
        check(connection),
        `the rate limit is exhausted until ${outcome.resumeAt.toISOString()}`,
        'Wait and try again',
      )
    case 'AUTH_FAILED':
    case 'FORBIDDEN':
      return red(check(connection), `rejected: ${outcome.message}`, replacing(connection))
    case 'REJECTED':
    case 'GONE':
      return red(
        check(connection),
        `unexpected response: ${outcome.message}`,
        'Check the API URL and the permissions of the credentials',
      )
    default:
      return red(check(connection), `cannot be reached: ${outcome.reason}`, 'Check the network and the API URL')
  }
}

async function unconfigured(context: CliContext, connection: PlatformConnection): Promise<Finding[]> {
  const { id, platform, fromEnvironment } = connection
  if (!fromEnvironment) {
    const fix = 'Set the ENCRYPTION_KEY that they were stored with, or replace the credentials of the connection'
    return [red(check(connection), 'the stored credentials cannot be read', fix)]
  }
  const where = { connectionId: id, detachedAt: null, event: openEvents(context.get(Clock).now()) }
  const channels = await context.get(PrismaService).channel.count({ where })
  if (channels === 0) return [green(check(connection), 'not used: no credentials, no channels')]
  if (context.config.demo) {
    const detail = `${channels} channels of the demo, whose simulated platforms are not running`
    return [yellow(check(connection), detail, 'Start the service')]
  }
  return [red(check(connection), `${channels} channels, but no credentials`, `Set the credentials of ${platform}`)]
}

function replacing({ fromEnvironment }: PlatformConnection): string {
  return fromEnvironment
    ? 'Replace the credentials and restart the service'
    : 'Replace the credentials of the connection'
}

function check({ platform, label, fromEnvironment }: PlatformConnection): string {
  return fromEnvironment ? platform.toLowerCase() : `${platform.toLowerCase()} (${label})`
}
