import { SpanKind } from '@opentelemetry/api'
import type { Platform } from '../../domain/channel.js'
import { failSpan, noteOnSpan, type SpanPlan } from '../../infrastructure/tracing/spans.js'
import type { PlatformRequest, PlatformResult } from './platform-http.js'

/** What a trace may tell of a call: no path and no query, for they may hold a person or a secret. */
export function aboutCall(platform: Platform, { method, url, operation, lane }: PlatformRequest): SpanPlan {
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

export function noteExchange({ kind }: PlatformResult, status: number | null): void {
  noteOnSpan({
    'traffic_police.outcome': kind,
    ...(status === null ? {} : { 'http.response.status_code': status }),
  })
  if (kind !== 'ANSWER' && kind !== 'THROTTLED') failSpan(kind)
}
