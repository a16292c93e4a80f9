import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { FirstAdminService, type FirstAdmin } from './accounts/first-admin.service.js'
import { AppModule } from './app.module.js'
import { startBackground } from './background.js'
import { announceDemo, withDemo, type DemoPlatforms } from './demo/demo-platforms.js'
import { DemoService } from './demo/demo.service.js'
import { DemoSimulatorProcess } from './demo/demo-simulator-process.js'
import { NotFound } from './domain/errors.js'
import { FailSafeCoordinator } from './fail-safe/fail-safe-coordinator.js'
import type { Config } from './infrastructure/config/config.js'
import { armDebugKill } from './infrastructure/config/debug-kill.js'
import { withConfig } from './infrastructure/config/load-config.js'
import { startEmbeddedServers, type EmbeddedServers } from './infrastructure/embedded/embedded-servers.js'
import { watchLauncher } from './infrastructure/embedded/parent-watch.js'
import { writePrivateFile } from './infrastructure/embedded/private-file.js'
import { createHttpApp } from './infrastructure/http/create-http-app.js'
import { sendProblem } from './infrastructure/http/problem-filter.js'
import { findProblem } from './infrastructure/http/problem.js'
import { stopOnSignals } from './infrastructure/http/stop-on-signals.js'
import { applyMigrations } from './infrastructure/prisma/migrate.js'
import { waitForDatabase } from './infrastructure/prisma/wait-for-database.js'
import { startTracing } from './infrastructure/tracing/start-tracing.js'
import { Subscriptions } from './webhooks/subscriptions.js'

const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url))
const DATABASE_WAIT_MS = 30_000
const say = (line: string) => process.stdout.write(`${line}\n`)

/** Starts servers where none are given, migrates, and runs the roles that the configuration names. */
export async function runService(given: Config): Promise<void> {
  armDebugKill()
  const stopTracing = await startTracing(given)
  const servers = await startEmbeddedServers({ ...given, log: say })
  const closers: (() => Promise<void>)[] = [() => servers.stop(), stopTracing]
  const stop = async () => {
    for (const close of closers.toReversed()) await close()
  }
  stopOnSignals(stop)
  watchLauncher(() => process.kill(process.pid, 'SIGTERM'))
  try {
    await waitForDatabase(servers.databaseUrl, DATABASE_WAIT_MS)
    await applyMigrations(servers.databaseUrl, MIGRATIONS, say)
    const market = given.demo && given.role === 'all' ? await DemoSimulatorProcess.open(seedOfNow()) : null
    if (market) closers.push(() => market.close())
    const demo = market && demoOf(given, market)
    if (demo) {
      const withdraw = announceDemo(given.dataDir, demo)
      closers.push(async () => withdraw())
    }
    const config = effective(given, servers, demo)
    const app = await createHttpApp(AppModule.of(config))
    closers.push(() => app.close())
    await start(app, config, market)
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}

async function start(app: NestFastifyApplication, config: Config, market: DemoSimulatorProcess | null): Promise<void> {
  if (config.role === 'worker') answerHealthOnly(app)
  await app.init()
  const admin = await app.get(FirstAdminService).ensureFirstAdmin()
  await app.get(Subscriptions).loadSecrets()
  await app.get(FailSafeCoordinator).start()
  const demo = app.get(DemoService)
  if (market) await demo.endEarlierRuns()
  await app.listen(config.http.port, config.http.host)
  if (config.role !== 'api') startBackground(app)
  if (market) await sellDemo(demo, market)
  announce(config, admin, market !== null)
}

async function sellDemo(demo: DemoService, market: DemoSimulatorProcess): Promise<void> {
  const listing = await market.list(DemoService.eventName)
  await demo.putOnSale(listing)
  market.sell(listing)
}

function announce({ http, role }: Config, admin: FirstAdmin | null, demo: boolean): void {
  say('')
  if (role !== 'worker') say(`Traffic Police   ${http.publicUrl}   API ${http.publicUrl}/docs`)
  if (admin)
    say(`Admin            ${admin.email}   ${admin.generated ? `password ${admin.password} (shown only now)` : ''}`)
  if (demo) say('Demo             simulated Meetup, Eventbrite and Luma sell one evening')
  say('ready')
}

/** The worker role keeps its port for health checks and metrics alone. */
function answerHealthOnly(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance()
  server.addHook('onRequest', async (request, reply) => {
    if (/^\/(health|metrics)(\/|$|\?)/.test(request.url)) return undefined
    sendProblem(request, reply, findProblem(new NotFound('This process answers health checks and metrics only.')))
    return reply
  })
}

function effective(given: Config, servers: EmbeddedServers, demo: DemoPlatforms | null): Config {
  const { databaseUrl, redisUrl } = servers
  const config = withConfig(given, {
    databaseUrl,
    redisUrl,
    authSecret: given.authSecret ?? loadOrCreateSecret(given.dataDir, 'auth-secret'),
  })
  return demo ? withDemo(config, demo) : config
}

function demoOf({ dataDir }: Config, { addresses }: DemoSimulatorProcess): DemoPlatforms {
  return { addresses, webhookToken: loadOrCreateSecret(dataDir, 'demo-webhook-token') }
}

/** A secret of this installation, made at the first start. */
function loadOrCreateSecret(dataDir: string, name: string): string {
  const file = join(dataDir, name)
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const secret = randomBytes(32).toString('base64url')
    mkdirSync(dataDir, { recursive: true })
    writePrivateFile(file, secret)
    return secret
  }
}

function seedOfNow(): number {
  return Math.floor(Date.now() / 1_000) % 2 ** 31
}
