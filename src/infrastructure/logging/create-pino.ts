import { pino, type DestinationStream, type Logger } from 'pino'
import { PinoPretty } from 'pino-pretty'
import type { Config } from '../config/config.js'
import { activeTraceId } from '../tracing/spans.js'
import { correlationId } from './correlation.js'
import { describeError, redact } from './redact.js'

/** A stream receives the lines as JSON. */
export type LogTarget = 'stdout' | 'stderr' | DestinationStream

/** The root logger: one line per entry with the correlation id; secrets and personal data in known fields are redacted. */
export function createPino(log: Config['log'], target: LogTarget): Logger {
  return pino(
    {
      level: log.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => {
        const id = correlationId()
        const traceId = activeTraceId()
        return { ...(id === undefined ? {} : { correlationId: id }), ...(traceId ? { trace_id: traceId } : {}) }
      },
      formatters: { level: (level) => ({ level }), log: redact },
      serializers: { err: (error: unknown) => (error instanceof Error ? describeError(error) : error) },
    },
    openDestination(log.format, target),
  )
}

function openDestination(format: Config['log']['format'], target: LogTarget): DestinationStream {
  if (typeof target !== 'string') return target
  const destination = target === 'stdout' ? 1 : 2
  if (format === 'json') return pino.destination({ fd: destination, sync: true })
  return PinoPretty({ destination, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' })
}
