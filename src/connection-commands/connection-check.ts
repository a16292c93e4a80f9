import type { ConnectionCheck } from '../connections/connection-store.js'
import { checkAccess, type AccessCheckOptions } from '../platforms/access/check-access.js'
import { describeFailure } from '../platforms/describe-failure.js'
import type { PlatformConnection } from '../platforms/platforms.js'
import type { AccessReport, Outcome } from '../platforms/port.js'
import type { Credentials } from '../platforms/credentials.js'

/** What a check showed, before it is stored. */
export type CheckResult = Omit<ConnectionCheck, 'checkedAt'>

const UNREADABLE =
  'its stored credentials cannot be read, since ENCRYPTION_KEY is another one: set that key again, or replace the credentials'
const UNSET: CheckResult = {
  state: 'UNCHECKED',
  detail: 'no credentials are set in the environment',
  accountId: null,
  accountName: null,
}
/** Longer messages of a platform are cut. */
const MAX_DETAIL_LENGTH = 500

/**
 * Checks whether the platform accepts the credentials. `credentials`: redacted in its message. Null: there was no budget for
 * it in another lane than `protect`, so that nothing is known.
 */
export function checkConnection(
  connection: PlatformConnection,
  credentials: Credentials | null,
  options: AccessCheckOptions & { lane?: 'protect' },
): Promise<CheckResult>
export function checkConnection(
  connection: PlatformConnection,
  credentials: Credentials | null,
  options: AccessCheckOptions,
): Promise<CheckResult | null>
export async function checkConnection(
  { adapter, fromEnvironment }: PlatformConnection,
  credentials: Credentials | null,
  options: AccessCheckOptions,
): Promise<CheckResult | null> {
  if (!adapter.configured) {
    return fromEnvironment ? UNSET : { ...UNSET, state: 'REFUSED', detail: UNREADABLE }
  }
  const outcome = await checkAccess(adapter, options, null)
  if (outcome.kind === 'THROTTLED' && (options.lane ?? 'protect') !== 'protect') return null
  const result = resultOf(adapter.platform, outcome)
  return { ...result, detail: result.detail && withoutSecrets(result.detail, credentials).slice(0, MAX_DETAIL_LENGTH) }
}

function resultOf(platform: string, outcome: Outcome<AccessReport>): CheckResult {
  const unknown = { accountId: null, accountName: null }
  switch (outcome.kind) {
    case 'OK': {
      const { account, missing = null } = outcome.value
      return { state: 'READY', detail: missing, accountId: account?.id ?? null, accountName: account?.name ?? null }
    }
    case 'AUTH_FAILED':
    case 'FORBIDDEN':
    case 'GONE':
    case 'REJECTED':
      return { state: 'REFUSED', detail: outcome.message, ...unknown }
    case 'THROTTLED':
      return {
        state: 'UNREACHABLE',
        detail: `the rate limit of the account is reached: ${describeFailure(outcome)}`,
        ...unknown,
      }
    default:
      return { state: 'UNREACHABLE', detail: `${platform} does not respond: ${outcome.reason}`, ...unknown }
  }
}

/** A platform may repeat a credential in its message. */
export function withoutSecrets(text: string, credentials: Credentials | null): string {
  return Object.values(credentials ?? {}).reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
}
