import { startEmbeddedServers, type EmbeddedServers, watchLauncher } from '#embedded-services'
import { fileURLToPath } from 'node:url'
import { Logger } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { FirstAdminService } from '../accounts/operators/first-admin.service.js'
import { recordDemo, withDemo, type DemoPlatforms } from '../demo/demo-platforms.js'
import { DemoService } from '../demo/demo.service.js'
import { DemoSimulatorProcess } from '../demo/demo-simulator-process.js'
import { NotFound } from '../domain/errors.js'
import { FailSafeCoordinator } from '../fail-safe/fail-safe-coordinator.js'
import { BackgroundTasks } from '../infrastructure/background/background-tasks.js'
import { APPLICATION_NAME } from '../infrastructure/config/application-name.js'
import type { Config } from '../infrastructure/config/config.js'
import { armDebugKill } from '../infrastructure/config/debug-kill.js'
import { withConfig } from '../infrastructure/config/load-config.js'
import { configWarnings } from '../infrastructure/config/warnings.js'
import { createHttpApp } from '../infrastructure/http/create-http-app.js'
import { sendProblem } from '../infrastructure/http/problems/problem-filter.js'
import { findProblem } from '../infrastructure/http/problems/problem.js'
import { stopOnSignals } from '../infrastructure/http/stop-on-signals.js'
import { applyMigrations } from '../infrastructure/prisma/migrate.js'
import { waitForDatabase } from '../infrastructure/prisma/wait-for-database.js'
import { SystemClock, SystemTimers } from '../infrastructure/time/system-time.js'
import { startTracing } from '../infrastructure/tracing/start-tracing.js'
import { Subscriptions } from '../inbound/subscriptions/subscriptions.js'
import { AppModule } from './app.module.js'
import { print, printBanner } from './banner.js'
import { encryptionKeysOf, loadOrCreateSecret } from '../infrastructure/encryption/installation-secret.js'

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))
const DATABASE_WAIT_MS = 30_000

/** Starts embedded servers where none are configured, applies migrations, and runs the configured roles. */
export async function runService(baseConfig: Config): Promise<void> {
  armDebugKill()
  const stopTracing = await startTracing(baseConfig)
  const servers = await startEmbeddedServers({ ...baseConfig, name: APPLICATION_NAME, log: print })
  const closers: (() => Promise<void>)[] = [() => servers.stop(), stopTracing]
  const stop = async () => {
    for (const close of closers.toReversed()) await close()
  }
  stopOnSignals(stop)
  watchLauncher(() => process.kill(process.pid, 'SIGTERM'))
  try {
    await waitForDatabase(servers.databaseUrl, DATABASE_WAIT_MS)
    await applyMigrations(servers.databaseUrl, MIGRATIONS, print)
    const simulators = baseConfig.demo && baseConfig.role === 'all' ? await openSimulators() : null
    if (simulators) closers.push(() => simulators.close())
    const demo = simulators && demoOf(baseConfig, simulators)
    if (demo) {
      const removeRecord = recordDemo(baseConfig.dataDir, demo)
      closers.push(async () => removeRecord())
    }
    const config = effectiveConfig(baseConfig, servers, demo)
    const app = await createHttpApp(AppModule.of(config))
    closers.push(() => app.close())
    await start(app, config, simulators)
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}

async function start(
  app: NestFastifyApplication,
  config: Config,
  simulators: DemoSimulatorProcess | null,
): Promise<void> {
  if (config.role === 'worker') restrictToHealthChecks(app)
  await app.init()
  for (const warning of configWarnings(config)) new Logger('Config').warn(warning)
  const admin = await app.get(FirstAdminService).ensureFirstAdmin()
  // The load at startup is retried later if it fails; until then signed deliveries would be refused, so this one must succeed.
  await app.get(Subscriptions).loadSecrets()
  await app.get(FailSafeCoordinator).start()
  const demo = app.get(DemoService)
  // Also without a demo: no real platform must be called for the listings of an earlier one.
  if (config.role === 'all') await demo.closeEarlierEvents()
  await app.listen(config.http.port, config.http.host)
  if (config.role !== 'api') app.get(BackgroundTasks).start()
  if (simulators) await startDemoSales(demo, simulators)
  printBanner(config, admin, simulators !== null)
}

async function startDemoSales(demo: DemoService, simulators: DemoSimulatorProcess): Promise<void> {
  const listing = await simulators.list(DemoService.eventName)
  await demo.createEvent(listing)
  simulators.sell(listing)
}

/** In the worker role the port serves health checks and metrics only. */
function restrictToHealthChecks(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance()
  server.addHook('onRequest', async (request, reply) => {
    if (/^\/(health|metrics)(\/|$|\?)/.test(request.url)) return undefined
    sendProblem(request, reply, findProblem(new NotFound('This process serves health checks and metrics only.')))
    return reply
  })
}

function effectiveConfig(baseConfig: Config, servers: EmbeddedServers, demo: DemoPlatforms | null): Config {
  const { databaseUrl, redisUrl } = servers
  const config = withConfig(baseConfig, {
    databaseUrl,
    redisUrl,
    authSecret: baseConfig.authSecret ?? loadOrCreateSecret(baseConfig.dataDir, 'auth-secret'),
    encryptionKeys: encryptionKeysOf(baseConfig),
  })
  return demo ? withDemo(config, demo) : config
}

function demoOf({ dataDir }: Config, { addresses }: DemoSimulatorProcess): DemoPlatforms {
  return { addresses, webhookToken: loadOrCreateSecret(dataDir, 'demo-webhook-token') }
}

function openSimulators(): Promise<DemoSimulatorProcess> {
  const seed = Math.floor(new SystemClock().now().getTime() / 1_000) % 2 ** 31
  return DemoSimulatorProcess.open(seed, new SystemTimers())
}
