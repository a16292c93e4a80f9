import { z } from 'zod'
import { variableInfo, type VariableInfo } from './variable.js'
import { accounts } from './variables/accounts.js'
import { logging, metrics, tracing } from './variables/observability.js'
import { failSafe, personalData, schedules, stock } from './variables/operation.js'
import { mail, notifications, payments } from './variables/payments-and-mail.js'
import { eventbrite, luma, meetup } from './variables/platforms.js'
import { server } from './variables/server.js'

export interface VariableGroup {
  title: string
  variables: Record<string, z.ZodType>
  /** What applies to the whole group, as a sentence. */
  note?: string
}

/** The variables in the order in which they are documented and reported. */
export const GROUPS: readonly VariableGroup[] = [
  { title: 'Server', variables: server },
  { title: 'Accounts', variables: accounts },
  { title: 'Eventbrite', variables: eventbrite },
  { title: 'Luma', variables: luma },
  { title: 'Meetup', variables: meetup },
  { title: 'Payments', variables: payments },
  { title: 'Mail', variables: mail },
  { title: 'Notifications', variables: notifications },
  { title: 'Stock', variables: stock },
  { title: 'Schedules', variables: schedules },
  { title: 'Personal data', variables: personalData },
  { title: 'Fail-safe mode', variables: failSafe },
  { title: 'Logging', variables: logging },
  { title: 'Metrics', variables: metrics },
  {
    title: 'Tracing',
    variables: tracing,
    note: 'While tracing is enabled, the OpenTelemetry SDK also reads its other variables, e.g. `OTEL_SERVICE_NAME`, `OTEL_EXPORTER_OTLP_HEADERS` and `OTEL_TRACES_SAMPLER`.',
  },
]

/** Parses the texts of the variables this service reads. Null: not set, and there is no default. */
export const environment = z.object({
  ...server,
  ...accounts,
  ...eventbrite,
  ...luma,
  ...meetup,
  ...payments,
  ...mail,
  ...notifications,
  ...stock,
  ...schedules,
  ...personalData,
  ...failSafe,
  ...logging,
  ...metrics,
  ...tracing,
})

export type Environment = z.infer<typeof environment>

/** Throws for a variable that is not declared. */
export function infoOf(name: string): VariableInfo {
  const schema = (environment.shape as Record<string, z.ZodType | undefined>)[name]
  const info = schema && variableInfo.get(schema)
  if (!info) throw new Error(`${name} is not declared`)
  return info
}
