import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { makeTraversable, startEmbeddedServers } from '#embedded-services'
import { applyMigrations } from '../../src/infrastructure/prisma/migrate.js'
import { ReplayDatabase, prepareForReplay } from './replay-database.js'
import { ReplayedGate } from './replayed-gate.js'

const TEMPLATE = 'replay_template'
const COPY = 'replay'

export interface ReplayAddresses {
  /** Of PostgreSQL, with a database to connect to for creating others. */
  databaseUrl: string
  /** A server that nothing else uses. */
  redisUrl: string
}

/** PostgreSQL and Redis for replays, one after the other: each finds them empty. */
export class ReplayServers {
  private constructor(
    private readonly admin: Client,
    private readonly databaseUrl: string,
    private readonly redis: Redis,
  ) {}

  static async connect({ databaseUrl, redisUrl }: ReplayAddresses): Promise<ReplayServers> {
    const admin = new Client({ connectionString: databaseUrl })
    await admin.connect()
    const servers = new ReplayServers(admin, databaseUrl, new Redis(redisUrl))
    const template = servers.urlOf(TEMPLATE)
    await applyMigrations(template, 'prisma/migrations', () => undefined)
    await prepareForReplay(template)
    return servers
  }

  /** `startMs`: when the recorded run started. */
  async empty(startMs: number): Promise<{ database: ReplayDatabase; gate: ReplayedGate }> {
    await this.admin.query(`DROP DATABASE IF EXISTS ${COPY} WITH (FORCE)`)
    await this.admin.query(`CREATE DATABASE ${COPY} TEMPLATE ${TEMPLATE}`)
    await this.redis.flushall()
    const database = await ReplayDatabase.connect(this.urlOf(COPY))
    await database.start(startMs)
    return { database, gate: new ReplayedGate(this.redis) }
  }

  async close(): Promise<void> {
    this.redis.disconnect()
    await this.admin.end()
  }

  private urlOf(database: string): string {
    const url = new URL(this.databaseUrl)
    url.pathname = `/${database}`
    return url.href
  }
}

/** Runs `work` with servers of its own, which end with it. */
export async function withEmbeddedServers<T>(work: (servers: ReplayServers) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'traffic-police-replay-'))
  makeTraversable(dataDir)
  const embedded = await startEmbeddedServers({
    name: 'traffic-police',
    dataDir,
    databaseUrl: null,
    redisUrl: null,
    durable: false,
    nodeOptions: ['--import', resolve('tools/typescript.mjs')],
    programsDir: 'node_modules/.cache/traffic-police',
    log: (line) => console.error(`[servers] ${line}`),
  })
  try {
    const servers = await ReplayServers.connect(embedded)
    try {
      return await work(servers)
    } finally {
      await servers.close()
    }
  } finally {
    await embedded.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
