// `npm run dev`: the service, which restarts when a source file changes, and the page with hot reload. PostgreSQL, Redis
// and the simulated platforms keep running, so that sales survive a restart. Every run begins with an empty database:
// the simulated platforms, which are its other half, keep no state either.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkNode, log, prismaClient, ROOT } from './support/ensure.mjs'
import { connect, DEV, eventOn } from './support/local-service.mjs'

checkNode()
const { buildService } = await import('./build.mjs')
await buildService()
process.chdir(ROOT)
process.setSourceMapsEnabled(true)
const { startEmbeddedServers, watchLauncher } = await import('#embedded-services')
const { APPLICATION_NAME } = await import('../dist/infrastructure/config/application-name.js')
const { SystemTimers } = await import('../dist/infrastructure/time/system-time.js')
const { DemoSimulatorProcess } = await import('../dist/demo/demo-simulator-process.js')
const { recordDemo } = await import('../dist/demo/demo-platforms.js')
const { transformFile } = await import('@swc/core')
const { createServer: createVite } = await import('vite')
const { Redis } = await import('ioredis')
const { default: pg } = await import('pg')

const HOST = '127.0.0.1'
const PORT = Number(process.env.PORT || 3000)
const PAGE_PORT = Number(process.env.PAGE_PORT || 5173)
const SERVICE_URL = `http://${HOST}:${PORT}`
const PAGE_URL = `http://${HOST}:${PAGE_PORT}`
/** Paths of the service; the rest of the page's address space is Vite's. */
const SERVICE_PATHS = '^/(api|docs|docs-json|health|metrics|admin|claim|ticket|webhooks)(/|\\?|$)'
const WATCHED = ['src', 'simulators', 'lua', 'prisma']
const WEBHOOK_TOKEN = 'webhooks-of-the-dev-service'
/** Editors and git write several files at once. */
const SETTLE_MS = 100
/** Open event streams would delay the end of the service; it survives being killed. */
const KILL_AFTER_MS = 2_000
/** A service that is not ready by then blocks no further change. */
const READY_WITHIN_MS = 30_000

const servers = await startEmbeddedServers({
  name: APPLICATION_NAME,
  dataDir: DEV.dataDir,
  databaseUrl: null,
  redisUrl: null,
  durable: false,
  log,
})
let simulators = null
let removeRecord = () => {}
let service = null
/** The demo event is created once the service is ready for the first time. */
let hasEvent = false
/** Changed files that are not compiled yet. */
const uncompiled = new Set()
/** Steps run one after the other. */
let queue = Promise.resolve()
let stopping = false

const web = createHttpServer((request, response) => {
  // Requests wait while the service restarts.
  void queue.then(() => vite.middlewares(request, response))
})
const vite = await createVite({
  configFile: join(ROOT, 'web/vite.config.ts'),
  server: {
    middlewareMode: { server: web },
    hmr: { server: web },
    proxy: { [SERVICE_PATHS]: { target: SERVICE_URL, xfwd: true } },
  },
})
web.on('error', (error) => void stop(`${PAGE_URL}: ${error.message}`))
web.listen(PAGE_PORT, HOST)
watchSources()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop())
watchLauncher(() => void stop())
enqueue(begin)

/** An empty database, new platforms, a new demo event. */
async function begin() {
  await stopService()
  await simulators?.close()
  await emptyServers()
  simulators = await DemoSimulatorProcess.open(Date.now() % 2 ** 31, new SystemTimers())
  // For the ops CLI and `npm run seed`.
  removeRecord = recordDemo(DEV.dataDir, { addresses: simulators.addresses, webhookToken: WEBHOOK_TOKEN })
  hasEvent = false
  await startService()
}

async function emptyServers() {
  const { databaseUrl, redisUrl } = servers
  const address = new URL(databaseUrl)
  const name = pg.escapeIdentifier(address.pathname.slice(1))
  address.pathname = '/postgres'
  const client = new pg.Client(address.href)
  await client.connect()
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  const redis = new Redis(redisUrl)
  await redis.flushall()
  redis.disconnect()
}

/** Resolves when the service is ready, has ended or takes too long. */
async function startService() {
  if (stopping) return
  const child = spawn(process.execPath, ['--enable-source-maps', 'dist/main.js'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...settings() },
  })
  service = child
  const exited = once(child, 'exit').then(([code, signal]) => {
    if (service === child)
      log(`The service ended (${signal ?? `exit ${code}`}). It starts again after the next change.`)
  })
  const ready = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      process.stdout.write(`${line}\n`)
      if (line === 'ready') resolve(true)
    })
  })
  if (!(await Promise.race([ready, exited, sleep(READY_WITHIN_MS, false, { ref: false })]))) return
  if (!hasEvent) await createDemoEvent()
  log(`\nOpen  ${PAGE_URL}   login ${DEV.email} / ${DEV.password}   (service ${SERVICE_URL}, API ${SERVICE_URL}/docs)`)
}

function settings() {
  const { eventbrite, luma, meetup } = simulators.addresses
  return {
    PORT: String(PORT),
    ROLE: 'all',
    DEMO: 'off',
    DATA_DIR: DEV.dataDir,
    DATABASE_URL: servers.databaseUrl,
    REDIS_URL: servers.redisUrl,
    // Constant: a login survives the restart.
    AUTH_SECRET: 'the-secret-of-the-dev-service',
    ADMIN_EMAIL: DEV.email,
    ADMIN_PASSWORD: DEV.password,
    EVENTBRITE_API_URL: eventbrite.apiUrl,
    EVENTBRITE_TOKEN: eventbrite.token,
    EVENTBRITE_WEBHOOK_TOKEN: WEBHOOK_TOKEN,
    LUMA_API_URL: luma.apiUrl,
    LUMA_API_KEY: luma.apiKey,
    MEETUP_API_URL: meetup.apiUrl,
    MEETUP_ACCESS_TOKEN: meetup.accessToken,
    LOG_FORMAT: process.env.LOG_FORMAT || (process.stdout.isTTY ? 'pretty' : 'json'),
  }
}

async function createDemoEvent() {
  const name = 'Winter Meetup (demo)'
  const listing = await simulators.list(name)
  const call = await connect(SERVICE_URL, DEV.email, DEV.password)
  await call('POST', 'events', eventOn(listing, name, 300))
  simulators.sell(listing)
  hasEvent = true
}

async function stopService() {
  const child = service
  service = null
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
  await exited
  clearTimeout(kill)
}

/** Vite's watcher copes with every editor's way of saving. */
function watchSources() {
  const changed = new Set()
  let timer
  vite.watcher.add(WATCHED.map((folder) => join(ROOT, folder)))
  vite.watcher.on('all', (_event, file) => {
    const path = relative(ROOT, file)
    if (!WATCHED.some((folder) => path.startsWith(`${folder}/`)) || /\.test(-support)?\.ts$/.test(path)) return
    if (!/\.(ts|lua|sql|prisma)$/.test(path)) return
    changed.add(path)
    clearTimeout(timer)
    timer = setTimeout(() => {
      const paths = [...changed]
      changed.clear()
      enqueue(() => update(paths))
    }, SETTLE_MS)
  })
}

async function update(paths) {
  log(`\nChanged: ${paths.join(', ')}`)
  if (paths.includes('prisma/schema.prisma')) prismaClient.make()
  for (const path of paths) if (/^(src|simulators)\//.test(path)) uncompiled.add(path)
  for (const path of uncompiled) {
    await compile(path)
    uncompiled.delete(path)
  }
  if (paths.some((path) => path.startsWith('simulators/'))) return begin()
  await stopService()
  await startService()
}

/** One file into `dist`, without a check of types. A file that is gone is removed there. */
async function compile(path) {
  const target = join('dist', path.replace(/^src\//, '').replace(/\.ts$/, '.js'))
  // `dist` differs from a full build now: the next one must not take it for current.
  rmSync(target.startsWith('dist/simulators/') ? 'dist/simulators/.made-of' : 'dist/.made-of', { force: true })
  const compiled = await transformFile(path, { sourceMaps: 'inline' }).catch((error) => {
    if (error.code === 'GenericFailure' && /No such file/.test(error.message)) return null
    throw error
  })
  if (compiled === null) return rmSync(target, { force: true })
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, compiled.code)
}

/** A failed step is reported; the next change tries again. */
function enqueue(step) {
  queue = queue.then(async () => {
    if (stopping) return
    await step().catch((error) => log(String(error.message ?? error).split('\n\nCaused by', 1)[0]))
  })
}

async function stop(problem) {
  if (stopping) return
  stopping = true
  if (problem) log(problem)
  await stopService()
  await queue
  await stopService()
  web.closeAllConnections()
  web.close()
  await vite.close()
  await simulators?.close()
  removeRecord()
  await servers.stop()
  process.exit(problem ? 1 : 0)
}
