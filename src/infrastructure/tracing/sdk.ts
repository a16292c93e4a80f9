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

/** Loaded only when traces are on. It reads the standard OTEL_* variables by itself: where to, headers, sampler, resource, batches. */
export interface Sdk {
  tracer: Tracer
  /** Sends what is left. Rejects when that fails; may take as long as the collector does. */
  close(): Promise<void>
}

/** `onError` receives what goes wrong on the way to the collector; nothing else is reported there. */
export function openSdk(attributes: Record<string, string>, onError: (error: unknown) => void): Sdk {
  const quiet = () => undefined
  const logger = { error: onError, warn: onError, info: quiet, debug: quiet, verbose: quiet }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  setGlobalErrorHandler(onError)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  // Not the baggage of whoever calls us.
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
