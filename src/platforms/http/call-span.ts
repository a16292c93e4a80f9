import { SpanKind } from '@opentelemetry/api'
import type { Platform } from '../../domain/channel.js'
import { failSpan, setSpanAttributes, type SpanOptions } from '../../infrastructure/tracing/spans.js'
import type { PlatformRequest, PlatformResult } from './platform-http.js'

/** Span of a call. Without path and query, which may contain personal data or a secret. */
export function callSpan(platform: Platform, { method, url, operation, lane }: PlatformRequest): SpanOptions {
  return {
    kind: SpanKind.CLIENT,
    attributes: {
      'http.request.method': method,
      'server.address': URL.canParse(url) ? new URL(url).host : '',
      'traffic_police.platform': platform,
      'traffic_police.operation': operation,
      'traffic_police.lane': lane,
    },
  }
}

export function recordResult({ kind }: PlatformResult, status: number | null): void {
  setSpanAttributes({
    'traffic_police.outcome': kind,
    ...(status === null ? {} : { 'http.response.status_code': status }),
  })
  if (kind !== 'RESPONSE' && kind !== 'THROTTLED') failSpan(kind)
}
