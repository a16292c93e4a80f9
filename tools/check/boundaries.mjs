// `npm run boundaries`: imports point downwards, only the configuration reads the environment, only plug-ins know platforms by
// name, only infrastructure reads the clock, Redis, locks and cron are used through their ports, only the queues import
// BullMQ, and packages are independent. Before checking the sources it verifies that it detects planted violations.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { ROOT } from '../support/ensure.mjs'

const { forbidden, options } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs')

const ENVIRONMENT =
  /\bprocess\s*(\?\.|\.)\s*env\b|\bprocess\s*\[|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b|\benv\b[^;\n]*from 'node:process'/
const READS_ENVIRONMENT = /^src\/(infrastructure\/config\/|.*\.test\.ts$)/

/** Platforms are plug-ins: code outside their folders, except the demo, uses their traits instead of comparing names. */
const KNOWS_PLATFORMS = /^src\/(platforms|demo|generated)\/|\.(test|test-support)\.ts$/
const [, PLATFORMS] = /PLATFORMS = \[([^\]]+)\]/.exec(readFileSync(join(ROOT, 'src/domain/channel.ts'), 'utf8'))
const NAME = `(?:${PLATFORMS.match(/[A-Z]+/g).join('|')})`
const PLATFORM_BRANCHES = [
  `(?:[!=]=|\\bcase)\\s*'${NAME}'`,
  `'${NAME}'\\s*[!=]=`,
  `\\b(?:Set|Map|includes|has|indexOf)\\(\\[*\\s*'${NAME}'`,
  `(?:^|[{,])\\s*${NAME}\\s*:`,
  `\\binstanceof \\w*Adapter\\b`,
].map((source) => new RegExp(source, 'm'))

/**
 * Time and chance are ports: outside infrastructure code injects them, and simulators use their clock and their seed. The claim
 * page contains a script for the browser; tests and commands wait for tasks in real time; a Meetup without a seed draws one.
 */
const READS_TIME = new RegExp(
  [
    String.raw`^src/(infrastructure|generated)/|^src/waitlist/claim-page\.ts$`,
    String.raw`^simulators/(kit/(clock|tasks)|meetup/server)\.ts$|\.(test|test-support)\.ts$`,
  ].join('|'),
)
const TIME_SOURCES = [
  /\bDate\.now\b/,
  /\bnew Date\(\)/,
  /\bperformance\.now\b/,
  /\bset(?:Timeout|Interval)\b/,
  /\bMath\.random\b/,
  /\bAbortSignal\.timeout\b/,
]

/** Every violation below a root, as `rule: file -> what`. */
async function violations(root) {
  const folders = ['src', 'packages', 'simulators', 'simulation'].filter((name) => readdirSync(root).includes(name))
  const { output } = await cruise(
    folders,
    { ...options, baseDir: root, validate: true, ruleSet: { forbidden } },
    undefined,
    { tsConfig: extractTSConfig(join(ROOT, 'tsconfig.json')) },
  )
  return {
    modules: output.summary.totalCruised,
    found: [
      ...output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
      ...environmentReaders(root),
      ...platformBranches(root),
      ...timeReaders(root),
    ],
  }
}

function environmentReaders(root) {
  return readdirSync(join(root, 'src'), { recursive: true })
    .map((name) => `src/${name}`)
    .filter((file) => file.endsWith('.ts') && !file.startsWith('src/generated/') && !READS_ENVIRONMENT.test(file))
    .filter((file) => ENVIRONMENT.test(readFileSync(join(root, file), 'utf8')))
    .map((file) => `only-config-reads-the-environment: ${file} -> process.env`)
}

function platformBranches(root) {
  return readdirSync(join(root, 'src'), { recursive: true })
    .map((name) => `src/${name}`)
    .filter((file) => file.endsWith('.ts') && !KNOWS_PLATFORMS.test(file))
    .flatMap((file) => {
      const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, '')
      const found = PLATFORM_BRANCHES.flatMap((pattern) => pattern.exec(code)?.[0].trim() ?? [])
      return found.map((branch) => `only-plug-ins-know-platforms: ${file} -> ${branch}`)
    })
}

function timeReaders(root) {
  return ['src', 'simulators', 'simulation']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`))
    .filter((file) => file.endsWith('.ts') && !READS_TIME.test(file))
    .flatMap((file) => {
      const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, '')
      const found = TIME_SOURCES.flatMap((pattern) => pattern.exec(code)?.[0] ?? [])
      return found.map((source) => `only-infrastructure-reads-time: ${file} -> ${source}`)
    })
}

const PLANTED = {
  'src/domain/rule.ts': "import 'node:fs'\nimport 'rxjs'\nimport '../infrastructure/tool.js'\n",
  'src/infrastructure/tool.ts': "import '../holds/hold.js'\nimport 'vitest'\n",
  'src/stock/stock.ts': "import '../platforms/meetup.js'\n",
  'src/platforms/meetup.ts': "import '../stock/stock.js'\nimport './nowhere.js'\nimport 'axios'\n",
  'src/holds/hold.ts': "import '../main.js'\nimport 'axios'\nexport const home = process.env.HOME\n",
  'src/seats/claim.ts': "import '../tickets/ticket.js'\n",
  'src/tickets/ticket.ts': "import '../holds/checkout.js'\n",
  'src/holds/checkout.ts': "import '../payments/payment.js'\nimport '../infrastructure/prisma/client.js'\n",
  'src/payments/payment.ts': "import '../waitlist/offer.js'\nimport '../generated/client.js'\n",
  'src/tickets/direct-orders.ts': "import '../adapters/rows.js'\n",
  'src/waitlist/offer.ts': "import '../safety-stock/release.js'\nimport '../generated/client.js'\n",
  'src/safety-stock/release.ts':
    "import '../holds/hold.js'\nimport '../tickets/mail.js'\nimport '../generated/client.js'\n",
  'src/tickets/mail.ts': "import '../infrastructure/prisma/client.js'\n",
  'src/events/order.ts': "import '../tickets/mail.js'\nimport '../seats/chart.js'\n",
  'src/seats/chart.ts': 'export {}\n',
  'src/channels/close.ts': "import '../fail-safe/mode.js'\n",
  'src/fail-safe/mode.ts': 'export {}\n',
  'src/stock/sale.ts': "import '../orders/order.js'\n",
  'src/orders/order.ts': "import '../channels/limit.js'\n",
  'src/channels/limit.ts': "import '../rebalancing/move.js'\n",
  'src/rebalancing/move.ts': "import '../inbound/poller.js'\nimport '../generated/client.js'\n",
  'src/inbound/poller.ts': "import '../rebalancing/velocity.js'\n",
  'src/rebalancing/velocity.ts': 'export {}\n',
  'src/oversold/excess.ts': "import '../events/view.js'\n",
  'src/events/view.ts': "import '../channel-commands/pause.js'\n",
  'src/channel-commands/pause.ts': "import '../holds/hold.js'\nimport '../bootstrap/root.js'\n",
  'src/bootstrap/root.ts': 'export {}\n',
  'src/channels/env.ts': "import { env } from 'node:process'\nexport const home = env.HOME\n",
  'src/channels/jobs.ts': "import type { Queue } from 'bullmq'\nimport '@nestjs/bullmq'\nexport type Jobs = Queue\n",
  'src/infrastructure/queues/jobs.ts': "import 'bullmq'\nimport '@nestjs/bullmq'\n",
  'src/events/branch.ts':
    "export const a = (p: string) => p === 'LUMA'\nexport const b = new Set(['MEETUP'])\nexport const c = { EVENTBRITE: 1 }\n",
  'src/events/adapter.ts': 'export const d = (value: unknown) => value instanceof LumaAdapter\n',
  'src/events/time.ts':
    "import { setTimeout as sleep } from 'node:timers/promises'\nexport const a = [Date.now(), new Date(), performance.now(), Math.random()]\n",
  'src/inbound/implementations.ts':
    "import 'ioredis'\nimport 'node-cron'\nimport '../infrastructure/redis/create-redis.js'\nimport '../infrastructure/redis/redis-health.js'\n" +
    "import '../infrastructure/locks/advisory-locks.js'\nimport '../infrastructure/locks/locks.js'\nimport '../infrastructure/time/node-cron.js'\n",
  'src/holds/hold-expiry-index.ts': "import 'ioredis'\n",
  'src/infrastructure/redis/create-redis.ts': "import 'ioredis'\n",
  'src/infrastructure/redis/redis-health.ts': 'export {}\n',
  'src/infrastructure/locks/advisory-locks.ts': 'export {}\n',
  'src/infrastructure/locks/locks.ts': 'export {}\n',
  'src/infrastructure/time/node-cron.ts': "import 'node-cron'\n",
  'src/stock/rows.ts':
    "import '../generated/client.js'\nimport '../infrastructure/prisma/client.js'\nimport '../adapters/rows.js'\nimport '../infrastructure/redis/redis-health.js'\n",
  'src/alerts/raise.ts': "import '../infrastructure/prisma/client.js'\nimport '../accounts/login.js'\n",
  'src/alert-conditions/overdue.ts': "import '../generated/client.js'\nimport '../alerts/raise.js'\n",
  'src/platforms/tokens.ts':
    "import '../adapters/rows.js'\nimport '../infrastructure/redis/create-redis.js'\nimport '../infrastructure/locks/locks.js'\n",
  'src/platforms/throttle/redis-limiter.ts': "import 'ioredis'\n",
  'src/accounts/login.ts': "import '../infrastructure/prisma/client.js'\n",
  'src/events/event-changes.ts': "import '../generated/client.js'\nimport './event-queries.js'\n",
  'src/events/event-queries.ts': "import '../infrastructure/prisma/client.js'\n",
  'src/channel-commands/channel-commands.ts':
    "import '../infrastructure/prisma/client.js'\nimport '../events/event-queries.js'\n",
  'src/accounts/audit.service.ts': "import '../generated/client.js'\n",
  'src/seats/seat-store.ts': "import '../infrastructure/prisma/client.js'\n",
  'src/seats/seats.controller.ts': "import '../generated/client.js'\n",
  'src/generated/client.ts': 'export {}\n',
  'src/infrastructure/prisma/client.ts': 'export {}\n',
  'src/adapters/rows.ts': 'export {}\n',
  'src/main.ts': "import '../simulators/main.js'\nimport '../test/support.js'\n",
  'test/support.ts': '',
  'packages/embedded-services/index.ts':
    "import 'pg'\nimport 'node:fs'\nimport './inner.js'\nimport 'rxjs'\nimport '../../src/domain/rule.js'\n",
  'packages/embedded-services/inner.ts': 'export {}\n',
  'src/cli/servers.ts': "import '#embedded-services'\nimport '../../packages/embedded-services/inner.js'\n",
  'simulators/main.ts': "import '../src/domain/rule.js'\nimport '../simulation/world.js'\n",
  'simulation/world.ts':
    "import '../src/events/time.js'\nimport '../simulators/clock.js'\nimport '../test/support.js'\nimport 'vitest'\n",
  'simulators/clock.ts': 'export const late = AbortSignal.timeout(1_000)\n',
}
const EXPECTED = [
  'domain-is-pure: src/domain/rule.ts -> fs',
  'domain-is-pure: src/domain/rule.ts -> node_modules/rxjs',
  'domain-is-pure: src/domain/rule.ts -> src/infrastructure/tool.ts',
  'infrastructure-points-downwards: src/infrastructure/tool.ts -> src/holds/hold.ts',
  'no-development-packages-in-the-service: src/infrastructure/tool.ts -> node_modules/vitest',
  'stock-points-downwards: src/stock/stock.ts -> src/platforms/meetup.ts',
  'platforms-points-downwards: src/platforms/meetup.ts -> src/stock/stock.ts',
  'no-cycles: src/platforms/meetup.ts -> src/stock/stock.ts',
  'channels-points-downwards: src/channels/close.ts -> src/fail-safe/mode.ts',
  'stock-points-downwards: src/stock/sale.ts -> src/orders/order.ts',
  'orders-points-downwards: src/orders/order.ts -> src/channels/limit.ts',
  'channels-points-downwards: src/channels/limit.ts -> src/rebalancing/move.ts',
  'rebalancing-points-downwards: src/rebalancing/move.ts -> src/inbound/poller.ts',
  'inbound-points-downwards: src/inbound/poller.ts -> src/rebalancing/velocity.ts',
  'oversold-points-downwards: src/oversold/excess.ts -> src/events/view.ts',
  'events-points-downwards: src/events/view.ts -> src/channel-commands/pause.ts',
  'channel-commands-points-downwards: src/channel-commands/pause.ts -> src/holds/hold.ts',
  'features-use-ports: src/rebalancing/move.ts -> src/generated/client.ts',
  'features-use-ports: src/holds/checkout.ts -> src/infrastructure/prisma/client.ts',
  'features-use-ports: src/payments/payment.ts -> src/generated/client.ts',
  'features-use-ports: src/tickets/direct-orders.ts -> src/adapters/rows.ts',
  'redis-is-behind-ports: src/holds/hold-expiry-index.ts -> node_modules/ioredis',
  'seats-points-downwards: src/seats/claim.ts -> src/tickets/ticket.ts',
  'tickets-points-downwards: src/tickets/ticket.ts -> src/holds/checkout.ts',
  'holds-points-downwards: src/holds/checkout.ts -> src/payments/payment.ts',
  'payments-points-downwards: src/payments/payment.ts -> src/waitlist/offer.ts',
  'waitlist-points-downwards: src/waitlist/offer.ts -> src/safety-stock/release.ts',
  'safety-stock-points-downwards: src/safety-stock/release.ts -> src/holds/hold.ts',
  'events-points-downwards: src/events/order.ts -> src/tickets/mail.ts',
  'no-missing-files: src/platforms/meetup.ts -> ./nowhere.js',
  'only-platforms-call-out: src/holds/hold.ts -> node_modules/axios',
  'only-queues-import-bullmq: src/channels/jobs.ts -> node_modules/bullmq',
  'only-queues-import-bullmq: src/channels/jobs.ts -> node_modules/@nestjs/bullmq',
  'features-use-ports: src/stock/rows.ts -> src/generated/client.ts',
  'features-use-ports: src/stock/rows.ts -> src/infrastructure/prisma/client.ts',
  'features-use-ports: src/stock/rows.ts -> src/adapters/rows.ts',
  'features-use-ports: src/alerts/raise.ts -> src/infrastructure/prisma/client.ts',
  'features-use-ports: src/alert-conditions/overdue.ts -> src/generated/client.ts',
  'features-use-ports: src/platforms/tokens.ts -> src/adapters/rows.ts',
  'features-use-ports: src/platforms/tokens.ts -> src/infrastructure/redis/create-redis.ts',
  'redis-is-behind-ports: src/platforms/tokens.ts -> src/infrastructure/redis/create-redis.ts',
  'features-use-ports: src/events/event-changes.ts -> src/generated/client.ts',
  'features-use-ports: src/channel-commands/channel-commands.ts -> src/infrastructure/prisma/client.ts',
  'features-use-ports: src/accounts/audit.service.ts -> src/generated/client.ts',
  'features-use-ports: src/seats/seat-store.ts -> src/infrastructure/prisma/client.ts',
  'features-use-ports: src/seats/seats.controller.ts -> src/generated/client.ts',
  'features-use-ports: src/safety-stock/release.ts -> src/generated/client.ts',
  'features-use-ports: src/tickets/mail.ts -> src/infrastructure/prisma/client.ts',
  'features-use-ports: src/waitlist/offer.ts -> src/generated/client.ts',
  'commands-need-no-reads: src/events/event-changes.ts -> src/events/event-queries.ts',
  'commands-need-no-reads: src/channel-commands/channel-commands.ts -> src/events/event-queries.ts',
  'nothing-imports-a-role: src/holds/hold.ts -> src/main.ts',
  'nothing-imports-a-role: src/channel-commands/pause.ts -> src/bootstrap/root.ts',
  'only-config-reads-the-environment: src/holds/hold.ts -> process.env',
  'only-config-reads-the-environment: src/channels/env.ts -> process.env',
  "only-plug-ins-know-platforms: src/events/branch.ts -> == 'LUMA'",
  "only-plug-ins-know-platforms: src/events/branch.ts -> Set(['MEETUP'",
  'only-plug-ins-know-platforms: src/events/branch.ts -> { EVENTBRITE:',
  'only-plug-ins-know-platforms: src/events/adapter.ts -> instanceof LumaAdapter',
  'only-infrastructure-reads-time: src/events/time.ts -> Date.now',
  'only-infrastructure-reads-time: src/events/time.ts -> new Date()',
  'only-infrastructure-reads-time: src/events/time.ts -> performance.now',
  'only-infrastructure-reads-time: src/events/time.ts -> setTimeout',
  'only-infrastructure-reads-time: src/events/time.ts -> Math.random',
  'only-infrastructure-reads-time: simulators/clock.ts -> AbortSignal.timeout',
  'redis-is-behind-ports: src/inbound/implementations.ts -> node_modules/ioredis',
  'redis-is-behind-ports: src/inbound/implementations.ts -> src/infrastructure/redis/create-redis.ts',
  'locks-are-behind-a-port: src/inbound/implementations.ts -> src/infrastructure/locks/advisory-locks.ts',
  'cron-is-behind-a-port: src/inbound/implementations.ts -> node_modules/node-cron',
  'cron-is-behind-a-port: src/inbound/implementations.ts -> src/infrastructure/time/node-cron.ts',
  'service-is-independent: src/main.ts -> simulators/main.ts',
  'no-test-code-in-programs: src/main.ts -> test/support.ts',
  'simulators-are-independent: simulators/main.ts -> src/domain/rule.ts',
  'nothing-imports-the-simulation: simulators/main.ts -> simulation/world.ts',
  'no-test-code-in-the-simulation: simulation/world.ts -> test/support.ts',
  'no-development-packages-in-the-service: simulation/world.ts -> node_modules/vitest',
  'embedded-services-are-independent: packages/embedded-services/index.ts -> src/domain/rule.ts',
  'embedded-services-are-independent: packages/embedded-services/index.ts -> node_modules/rxjs',
  'embedded-services-have-one-entry: src/cli/servers.ts -> packages/embedded-services/inner.ts',
]
/** Planted imports that no rule may report. */
const LEGAL = [
  /platforms\/meetup\.ts -> .*axios|queues\/jobs\.ts -> .*bullmq/,
  /inbound\/implementations\.ts -> .*(redis-health|\/locks\.ts)/,
  /safety-stock\/release\.ts -> .*mail|events\/order\.ts -> .*chart/,
  /simulation\/world\.ts -> (src|simulators)\//,
  /embedded-services\/index\.ts -> .*(pg|fs|inner)|cli\/servers\.ts -> .*index\.ts/,
  /alerts\/raise\.ts -> .*audit|overdue\.ts -> .*raise|accounts\/audit\.ts|platforms\/tokens\.ts -> .*locks/,
  /(redis-limiter|create-redis|node-cron)\.ts -> .*(ioredis|node-cron)/,
  /event-queries\.ts -> .*prisma/,
]

async function verifyPlantedViolations() {
  const root = mkdtempSync(join(tmpdir(), 'traffic-police-boundaries-'))
  try {
    for (const [file, source] of Object.entries(PLANTED)) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), source)
    }
    for (const file of ['package.json', 'packages/embedded-services/package.json'])
      writeFileSync(join(root, file), readFileSync(join(ROOT, file)))
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
    const { found } = await violations(root)
    const missed = EXPECTED.filter(
      (expected) =>
        !found.some((line) => line.replace(/-> (\.\.\/)*.*node_modules\//, '-> node_modules/').startsWith(expected)),
    )
    if (missed.length)
      throw new Error(`Planted violations were not found:\n${missed.join('\n')}\nFound:\n${found.join('\n')}`)
    const legal = found.filter((line) => LEGAL.some((pattern) => pattern.test(line)))
    if (legal.length) throw new Error(`Reported allowed imports:\n${legal.join('\n')}`)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

await verifyPlantedViolations()
const { modules, found } = await violations(ROOT)
console.log(`${modules} modules, ${found.length} violations; all ${EXPECTED.length} planted ones are found`)
for (const line of found) console.error(line)
process.exitCode = found.length === 0 ? 0 : 1
