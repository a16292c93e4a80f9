import cookie from '@fastify/cookie'
import type { DynamicModule, LoggerService, Type } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyHttpOptions, FastifyInstance } from 'fastify'
import type { IncomingMessage, Server } from 'node:http'
import { Logger } from 'nestjs-pino'
import { PLATFORMS } from '../../domain/channel.js'
import { Config } from '../config/config.js'
import { acceptCorrelationId } from '../logging/correlation.js'
import { Metrics } from '../metrics/metrics.js'
import { isTrustedPeer, trustOf, type TrustProxy } from './clients/addresses.js'
import { warnOfUnknownProxies } from './clients/unknown-proxies.js'
import { limitConnections } from './load/connection-limits.js'
import { DirectRoutes } from './direct-routes.js'
import { StaffCallers } from './load/staff-callers.js'
import { registerBodyParsers } from './requests/body-parsers.js'
import { BODY_LIMIT_BYTES } from './requests/read-body.js'
import { serveOpenApi } from './openapi.js'
import { ProblemFilter, sendProblem } from './problems/problem-filter.js'
import { findProblem } from './problems/problem.js'
import { registerRequestHooks } from './request-hooks.js'
import { registerSecurityHeaders } from './security-headers.js'
import { UnexpectedBodyInterceptor } from './requests/unexpected-body.js'
import { createValidationPipe } from './requests/validation.js'

const DRAIN_TIMEOUT_MS = 3000

/** A platform's webhook route starts with its name. */
const PLATFORM_WEBHOOKS = PLATFORMS.map((platform) => `webhooks/${platform.toLowerCase()}`)

/** Served without the prefix /api/v1. */
const WITHOUT_PREFIX = [
  '/',
  ...PLATFORM_WEBHOOKS.flatMap((path) => [path, `${path}/{*path}`]),
  'webhooks/stripe',
  'health/{*path}',
  'metrics',
  'admin/{*path}',
  'claim',
  'door',
  'door/{*path}',
  'claim/{*path}',
  'ticket',
  'ticket/{*path}',
  'assets/{*path}',
]

/**
 * Creates the HTTP application for a root module that imports `InfrastructureModule`. It is not initialised yet: call
 * `listen`, or `init` and then `getHttpAdapter().getInstance().ready()` for `inject`.
 */
export async function createHttpApp(
  rootModule: Type | DynamicModule,
  options: { logger?: LoggerService | false } = {},
): Promise<NestFastifyApplication> {
  // Known once the configuration can be injected; no request arrives before.
  let trust: TrustProxy = () => false
  const adapter = createAdapter((address, hop) => trust(address, hop))
  const app = await NestFactory.create<NestFastifyApplication>(rootModule, adapter, {
    bodyParser: false,
    abortOnError: false,
    ...(options.logger === undefined ? { bufferLogs: true } : { logger: options.logger }),
  })
  if (options.logger === undefined) app.useLogger(app.get(Logger))
  const server = app.getHttpAdapter().getInstance()
  const { http, log, payments, stripe } = app.get(Config)
  trust = trustOf(http.trustedProxies)
  limitConnections(app.getHttpServer(), trust)
  app.get(DirectRoutes).replaceHandlersOf(server)
  registerRequestHooks(server, {
    metrics: app.get(Metrics),
    staff: app.get(StaffCallers),
    trust,
    logsDebug: ['debug', 'trace'].includes(log.level),
  })
  warnOfUnknownProxies(server, trust)
  limitDrainTime(server)
  const stripeForm = payments === 'stripe' && stripe.publishableKey !== null
  await registerSecurityHeaders(app, { https: http.publicUrl.startsWith('https:'), stripeForm })
  await app.register(cookie)
  registerBodyParsers(server)
  app.setGlobalPrefix('api/v1', { exclude: WITHOUT_PREFIX })
  app.useGlobalPipes(createValidationPipe())
  app.useGlobalInterceptors(new UnexpectedBodyInterceptor())
  app.useGlobalFilters(new ProblemFilter())
  serveOpenApi(app)
  return app
}

const SERVER_OPTIONS: FastifyHttpOptions<Server> = {
  bodyLimit: BODY_LIMIT_BYTES,
  // For receiving one complete request; responses are not limited (event streams).
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  // Without any byte sent or received; event streams send a heartbeat.
  connectionTimeout: 90_000,
  http: { maxHeaderSize: 16_384, headersTimeout: 15_000, connectionsCheckingInterval: 5_000 },
  // Ids and secrets in a path are compared at any length; the header size limits them.
  routerOptions: { maxParamLength: 16_384 },
  requestIdHeader: false,
  // Malformed URLs never reach a route or a hook.
  frameworkErrors: (error, request, reply) => {
    void reply.header('x-request-id', request.id)
    sendProblem(request, reply, findProblem(error))
  },
}

/** Closing waits for requests in flight, but only for a limited time: event streams do not end by themselves. */
function limitDrainTime(server: FastifyInstance): void {
  server.addHook('preClose', (done) => {
    setTimeout(() => server.server.closeAllConnections(), DRAIN_TIMEOUT_MS).unref()
    done()
  })
}

function createAdapter(trust: TrustProxy): FastifyAdapter {
  const adapter = new FastifyAdapter({
    ...SERVER_OPTIONS,
    trustProxy: trust,
    genReqId: ({ headers, socket }: IncomingMessage) =>
      acceptCorrelationId(isTrustedPeer(socket, trust) ? headers['x-request-id'] : undefined),
  })
  adapter.getInstance().server.maxConnections = 10_000
  return adapter
}
