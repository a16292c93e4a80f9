// Imports point downwards only: domain <- infrastructure <- stock <- orders, platforms, accounts <- connections, system-mode, alerts <- channels
// <- rebalancing, oversold, inbound <- fail-safe, reconciliation <- alert-conditions; rebalancing, seats <- events <- channel-commands; connections, inbound <- connection-commands;
// channels, seats, tickets <- holds <- payments <- waitlist; channels, tickets <- safety-stock; oversold, waitlist <- mails; alerts, accounts <- notifications;
// channels, safety-stock <- door; door, mails <- ticket-commands; all of them
// <- read-api, live-updates, web-page <- adapters <- bootstrap <- the roles (src/*.ts).
const TEST = String.raw`\.(test|test-support)\.ts$`
const downwards = (layer, ...below) => ({
  name: `${layer}-points-downwards`,
  severity: 'error',
  from: { path: `^src/${layer}/`, pathNot: TEST },
  to: { path: '^src/', pathNot: `^src/(${[layer, ...below].join('|')})/` },
})

/** Outside infrastructure code injects a port; `users` are the files that may import what implements it. */
const behindPort = (name, to, users = []) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: ['^src/infrastructure/', TEST, ...users] },
  to,
})
const packageNamed = (name) => `(^|/)node_modules/${name}/`

/** Files outside infrastructure that use a connection to Redis. */
const REDIS_USERS = [
  // Implement a port in Redis, or bind the port to that implementation; the Redis in memory implements all of them.
  '^src/adapters/redis/',
  '^src/adapters/stores.module.ts$',
  '^src/adapters/memory/memory-redis.ts$',
  '^src/platforms/throttle/redis-limiter.ts$',
  // Keeps data in Redis that may be lost at any time: the next publication replaces it.
  '^src/read-api/system/platform-states.ts$',
  // Check the server itself, before the service is started.
  '^src/cli/cli-context.ts$',
  '^src/cli/doctor/redis.ts$',
].map((path) => path.replaceAll('.', String.raw`\.`))

const BASE = ['domain', 'infrastructure', 'generated', 'stock', 'orders']
/** What channels may import, and everything above them. */
const CHANNELS = [...BASE, 'platforms', 'system-mode', 'alerts']

/** Features that reach servers only through ports. */
const PORTED = [
  'stock',
  'orders',
  'system-mode',
  'channels',
  'rebalancing',
  'oversold',
  'inbound',
  'fail-safe',
  'reconciliation',
  'alerts',
  'alert-conditions',
  'platforms',
  'events',
  'connections',
  'connection-commands',
  'channel-commands',
  'holds',
  'payments',
  'waitlist',
  'seats',
  'safety-stock',
  'tickets',
]
/** What the commands of staff use of other features. */
const PORTED_FILES = ['accounts/audit']

const PORTED_PATHS = `^src/((${PORTED.join('|')})/|${PORTED_FILES.join('|')})`

/** What staff read of events: queries for one page or file, on PostgreSQL itself. */
const STAFF_READS = String.raw`^src/events/(event-queries\.ts$|history/|stock/)`
const STAFF_COMMANDS = [
  String.raw`^src/events/(event-(changes|commands\.module|creation|states)|listing-claims)\.ts$`,
  String.raw`^src/channel-commands/channel-commands\.ts$`,
]

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-missing-files', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'domain-is-pure',
      comment: 'Domain rules have no dependencies: no package, no Node module, no other folder.',
      severity: 'error',
      from: { path: '^src/domain/', pathNot: TEST },
      to: { pathNot: '^src/domain/' },
    },
    downwards('infrastructure', 'domain', 'generated'),
    downwards('stock', 'domain', 'infrastructure'),
    downwards('orders', 'domain', 'infrastructure', 'stock'),
    downwards('platforms', 'domain', 'infrastructure'),
    downwards('accounts', 'domain', 'infrastructure', 'generated'),
    downwards('connections', 'domain', 'infrastructure', 'platforms'),
    downwards('system-mode', ...BASE),
    downwards('alerts', ...BASE, 'accounts'),
    downwards('channels', ...CHANNELS),
    downwards('rebalancing', ...CHANNELS, 'channels'),
    downwards('oversold', ...CHANNELS, 'channels'),
    downwards('inbound', ...CHANNELS, 'channels'),
    downwards('fail-safe', ...CHANNELS, 'channels', 'rebalancing', 'inbound', 'accounts'),
    downwards('reconciliation', ...CHANNELS, 'channels', 'inbound', 'accounts'),
    downwards('alert-conditions', ...CHANNELS, 'channels', 'inbound', 'fail-safe', 'reconciliation'),
    downwards('seats', ...BASE),
    downwards('events', ...CHANNELS, 'channels', 'connections', 'rebalancing', 'accounts', 'seats'),
    downwards('channel-commands', ...CHANNELS, 'channels', 'connections', 'inbound', 'accounts', 'events'),
    downwards('connection-commands', ...CHANNELS, 'channels', 'connections', 'inbound', 'accounts'),
    downwards('tickets', ...BASE, 'accounts'),
    downwards('holds', ...CHANNELS, 'channels', 'accounts', 'seats', 'tickets'),
    downwards('payments', ...CHANNELS, 'channels', 'accounts', 'seats', 'tickets', 'holds'),
    downwards('waitlist', ...CHANNELS, 'channels', 'accounts', 'seats', 'tickets', 'holds', 'payments'),
    downwards('safety-stock', ...CHANNELS, 'channels', 'accounts', 'tickets'),
    downwards('notifications', ...BASE, 'accounts', 'alerts'),
    downwards('door', ...CHANNELS, 'channels', 'accounts', 'safety-stock'),
    downwards('mails', ...BASE, 'accounts', 'oversold', 'tickets', 'payments', 'waitlist'),
    downwards('ticket-commands', ...BASE, 'accounts', 'tickets', 'door', 'mails'),
    {
      name: 'features-use-ports',
      comment: 'Repositories and the gate are ports; src/adapters implements them in PostgreSQL, Redis and memory.',
      severity: 'error',
      from: { path: PORTED_PATHS, pathNot: [TEST, STAFF_READS] },
      to: {
        path: '^src/(generated|adapters|infrastructure/(prisma|redis))/',
        // Itself a port.
        pathNot: String.raw`^src/infrastructure/redis/redis-health\.ts$`,
      },
    },
    {
      name: 'commands-need-no-reads',
      comment: 'Commands return what they changed; the controller reads what it responds with.',
      severity: 'error',
      from: { path: STAFF_COMMANDS },
      to: { path: STAFF_READS },
    },
    {
      name: 'nothing-imports-a-role',
      comment: 'Roles, and what composes them, are on top.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/bootstrap/' },
      to: { path: String.raw`^src/(bootstrap/|[^/]+\.ts$)` },
    },
    {
      name: 'only-platforms-call-out',
      comment: 'All outbound calls share rate limits and circuit breakers.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/platforms/|${TEST}` },
      to: { path: '/node_modules/axios/|^node_modules/axios/' },
    },
    behindPort(
      'redis-is-behind-ports',
      {
        path: [packageNamed('ioredis'), '^src/infrastructure/redis/'],
        pathNot: String.raw`^src/infrastructure/redis/redis-health\.ts$`,
      },
      REDIS_USERS,
    ),
    behindPort('locks-are-behind-a-port', { path: String.raw`^src/infrastructure/locks/advisory-locks\.ts$` }),
    behindPort('cron-is-behind-a-port', {
      path: [packageNamed('node-cron'), String.raw`^src/infrastructure/time/node-cron\.ts$`],
    }),
    {
      name: 'only-queues-import-bullmq',
      comment: 'Features use the port JobQueues. The queue browser shows the queues of BullMQ themselves.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: String.raw`^src/(infrastructure/queues/|read-api/system/queue-browser\.ts$)|${TEST}`,
      },
      to: { path: '(^|/)node_modules/(@nestjs/)?bullmq/' },
    },
    {
      name: 'simulators-are-independent',
      comment: 'Simulators replace external systems; code shared with the service would hide its errors.',
      severity: 'error',
      from: { path: '^simulators/' },
      to: { path: '^src/' },
    },
    {
      name: 'service-is-independent',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: '^simulators/' },
    },
    {
      name: 'nothing-imports-the-simulation',
      comment: 'It runs the service and the simulators together in one process.',
      severity: 'error',
      from: { pathNot: '^simulation/' },
      to: { path: '^simulation/' },
    },
    {
      name: 'embedded-services-are-independent',
      comment: 'The package works without the service: it imports its own files and listed packages only.',
      severity: 'error',
      from: { path: '^packages/embedded-services/' },
      to: { pathNot: '^packages/embedded-services/', dependencyTypesNot: ['core', 'npm'] },
    },
    {
      name: 'embedded-services-have-one-entry',
      severity: 'error',
      from: { pathNot: '^packages/embedded-services/' },
      to: { path: '^packages/embedded-services/', pathNot: String.raw`^packages/embedded-services/index\.ts$` },
    },
    {
      name: 'no-test-code-in-programs',
      severity: 'error',
      from: { path: '^(src|packages|simulators)/', pathNot: TEST },
      to: { path: '^(test|bench|tools)/' },
    },
    {
      name: 'no-test-code-in-the-simulation',
      comment: 'The verifier is a program, which the simulation runs on its proofs.',
      severity: 'error',
      from: { path: '^simulation/', pathNot: TEST },
      to: { path: '^(test|bench|tools)/', pathNot: '^tools/verify/' },
    },
    {
      name: 'no-development-packages-in-the-service',
      severity: 'error',
      from: { path: '^(src|packages|simulators|simulation)/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/generated/.+/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
    },
  },
}
