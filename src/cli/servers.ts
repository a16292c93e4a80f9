import { resolve } from 'node:path'
import { readRuntime, type Runtime, startEmbeddedServers } from '#embedded-services'
import { APPLICATION_NAME } from '../infrastructure/config/application-name.js'
import type { Config } from '../infrastructure/config/config.js'
import type { Clock } from '../infrastructure/time/clock.js'
import type { Timers } from '../infrastructure/time/timers.js'
import { isCommand, markAsCommand } from './terminal/command-marker.js'

export interface Servers {
  databaseUrl: string
  redisUrl: string
  /** External, of the running service, or started for this command. */
  kind: 'external' | 'service' | 'started'
  stop(): Promise<void>
}

const STARTUP_TIMEOUT_MS = 60_000
const PAUSE_MS = 200

/**
 * The servers of this installation: the configured ones, those of the running service, or newly started ones.
 * Waits for another command that has started them. Throws when they are not available.
 */
export async function openServers(
  config: Config,
  log: (line: string) => void,
  clock: Clock,
  timers: Timers,
): Promise<Servers> {
  const { databaseUrl, redisUrl } = config
  if (databaseUrl && redisUrl) return { databaseUrl, redisUrl, kind: 'external', stop: async () => undefined }
  const dataDir = resolve(config.dataDir)
  const deadline = clock.now().getTime() + STARTUP_TIMEOUT_MS
  let announced = false
  for (;;) {
    const runtime = readRuntime(dataDir)
    if (runtime && !isCommand(dataDir, runtime)) return serviceServers(runtime, config)
    const started = runtime ? null : await start(config, dataDir, log)
    if (started) return started
    if (clock.now().getTime() > deadline)
      throw new Error(`${dataDir} is in use by another process that does not become ready`)
    if (!announced) log('Waiting for another process that is using the servers')
    announced = true
    await timers.sleep(PAUSE_MS)
  }
}

function serviceServers(runtime: Runtime, { databaseUrl, redisUrl }: Config): Servers {
  const addresses = { databaseUrl: databaseUrl ?? runtime.databaseUrl, redisUrl: redisUrl ?? runtime.redisUrl }
  return { ...addresses, kind: 'service', stop: async () => undefined }
}

/** Null: another process has started them first. */
async function start({ databaseUrl, redisUrl }: Config, dataDir: string, log: (line: string) => void) {
  const removeMarker = markAsCommand(dataDir)
  try {
    const servers = await startEmbeddedServers({ name: APPLICATION_NAME, dataDir, databaseUrl, redisUrl, log })
    const stop = () => servers.stop().finally(removeMarker)
    return { databaseUrl: servers.databaseUrl, redisUrl: servers.redisUrl, kind: 'started' as const, stop }
  } catch (error) {
    removeMarker()
    if (error instanceof Error && error.message.includes('is in use by process')) return null
    throw error
  }
}
