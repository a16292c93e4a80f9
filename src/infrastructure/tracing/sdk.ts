import { context, diag, DiagLogLevel, propagation, type Tracer } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { loggingErrorHandler, setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'

/** Loaded only when tracing is enabled. Reads the standard OTEL_* variables: endpoint, headers, sampler, resource, batches. */
export interface Sdk {
  tracer: Tracer
  /** Sends the remaining spans. Rejects when that fails; waits for the collector without a timeout. */
  close(): Promise<void>
}

/** `onError` receives the errors and warnings of the SDK and its exporter. */
export function openSdk(attributes: Record<string, string>, onError: (error: unknown) => void): Sdk {
  const ignore = () => undefined
  const logger = { error: onError, warn: onError, info: ignore, debug: ignore, verbose: ignore }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  setGlobalErrorHandler(onError)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  // Trace context only: callers' baggage is not accepted.
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes(attributes))
      .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  })
  return {
    tracer: provider.getTracer('traffic-police'),
    async close() {
      try {
        await provider.shutdown()
      } finally {
        context.disable()
        propagation.disable()
        diag.disable()
        setGlobalErrorHandler(loggingErrorHandler())
      }
    },
  }
}
