/** PostgreSQL and Redis for a program without configured servers: they live as long as the program does. */
export { startEmbeddedServers, type EmbeddedOptions, type EmbeddedServers } from './embedded-servers.js'
export type { RedisKind } from './guardian/guardian-protocol.js'

/** For other processes on this machine: the addresses of a running program, and who that is. */
export { readRuntime, type Runtime } from './data-dir/runtime-file.js'
export { isRunning, isSameProcess, recordOf, type ProcessRecord } from './processes/process-record.js'

/** Files of the program itself next to those of the servers. */
export { makeTraversable, writePrivateFile } from './data-dir/private-file.js'

/** Ends the program together with the npm that started it, and so its servers. */
export { watchLauncher } from './processes/parent-watch.js'

/** Single servers without a guardian, for tests that break them: the test that starts one stops it. */
export { serverPlace, type PlaceOptions, type ServerPlace } from './data-dir/server-place.js'
export { startPostgres } from './postgres/postgres-server.js'
export { fetchRedisPackage, type UnpackedRedis } from './redis/redis-package.js'
export { findRedis } from './redis/find-redis.js'
export { startRedis, type RunningRedis } from './redis/redis-server.js'
export type { RedisProgram } from './redis/redis-program.js'
export type { RunningServer } from './guardian/supervisor.js'
export { freePort } from './processes/free-port.js'
