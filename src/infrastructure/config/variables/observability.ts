import { list, oneOf, text, url } from '../env-parsers.js'
import { optional, secret, variable } from '../variable.js'

export const logging = {
  LOG_LEVEL: variable(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), {
    default: 'info',
    description: 'Least severe level that is logged; commands default to `error` and show stack traces at `debug`.',
  }),
  LOG_FORMAT: optional(oneOf('pretty', 'json'), {
    unset: '`pretty` on a terminal, else `json`',
    example: 'json',
    description: 'Lines for people, or one JSON object per line.',
  }),
}

export const metrics = {
  METRICS_TOKEN: secret(text(), {
    unset: '`/metrics` responds to this machine and to the trusted proxies themselves, and is 404 for others',
    example: '<at least 16 random characters>',
    description: 'Bearer token that `GET /metrics` requires, at least 16 characters.',
  }),
}

/** Whether tracing is enabled. The OpenTelemetry SDK, loaded only then, reads these and all other OTEL_* itself. */
export const tracing = {
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(url('http', 'https'), {
    unset: 'no tracing',
    example: 'http://127.0.0.1:4318',
    description: 'Base address of the collector (OTLP over HTTP, JSON); enables tracing.',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional(url('http', 'https'), {
    unset: '`/v1/traces` at the address above',
    example: 'http://127.0.0.1:4318/v1/traces',
    description: 'Complete address for traces; enables tracing.',
  }),
  OTEL_TRACES_EXPORTER: optional(list, {
    unset: '`otlp` with an address above',
    example: 'otlp',
    description: '`otlp` enables tracing without an address, `none` disables it.',
  }),
  OTEL_SDK_DISABLED: variable(text(), {
    default: 'false',
    example: 'true',
    description: '`true` disables tracing.',
  }),
}
