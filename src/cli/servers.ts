import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../infrastructure/config/config.js'
import { startEmbeddedServers } from '../infrastructure/embedded/embedded-servers.js'
import { readRuntime, type Runtime } from '../infrastructure/embedded/runtime-file.js'
import { isCommand, markAsCommand } from './command-mark.js'

export interface Servers {
  databaseUrl: string
  redisUrl: string
  /** Whose they are: run by others, of the running service, or started for this command. */
  kind: 'external' | 'service' | 'started'
  stop(): Promise<void>
}

const PATIENCE_MS = 60_000
const PAUSE_MS = 200

/**
 * The servers this installation works with: those configured, those of the running service, else started here.
 * Waits for another command that has started them. Throws when they cannot be had.
 */
export async function openServers(config: Config, say: (line: string) => void): Promise<Servers> {
  const { databaseUrl, redisUrl } = config
  if (databaseUrl && redisUrl) return { databaseUrl, redisUrl, kind: 'external', stop: async () => undefined }
  const dataDir = resolve(config.dataDir)
  const deadline = Date.now() + PATIENCE_MS
  let told = false
  for (;;) {
    const runtime = readRuntime(dataDir)
    if (runtime && !isCommand(dataDir, runtime)) return ofService(runtime, config)
    const started = runtime ? null : await start(config, dataDir, say)
    if (started) return started
    if (Date.now() > deadline) throw new Error(`${dataDir} is in use by another process that does not get ready`)
    if (!told) say('Waiting for another process that uses the servers')
    told = true
    await sleep(PAUSE_MS)
  }
}

function ofService(runtime: Runtime, { databaseUrl, redisUrl }: Config): Servers {
  const addresses = { databaseUrl: databaseUrl ?? runtime.databaseUrl, redisUrl: redisUrl ?? runtime.redisUrl }
  return { ...addresses, kind: 'service', stop: async () => undefined }
}

/** Null: another process was faster. */
async function start({ databaseUrl, redisUrl }: Config, dataDir: string, say: (line: string) => void) {
  const unmark = markAsCommand(dataDir)
  try {
    const servers = await startEmbeddedServers({ dataDir, databaseUrl, redisUrl, log: say })
    const stop = () => servers.stop().finally(unmark)
    return { databaseUrl: servers.databaseUrl, redisUrl: servers.redisUrl, kind: 'started' as const, stop }
  } catch (error) {
    unmark()
    if (error instanceof Error && error.message.includes('is in use by process')) return null
    throw error
  }
}
