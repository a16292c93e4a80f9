import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbeddedServers } from '#embedded-services'
import { applyMigrations } from '../../../src/infrastructure/prisma/migrate.js'
import { makeReadable } from '../servers/directories.js'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server's address, with a database to connect to for creating others. */
    databaseUrl: string
    /** A migrated database that is only copied, never connected to. */
    templateDatabase: string
    redisUrl: string
  }
}

const TEMPLATE = 'template_traffic_police'

/** Starts one PostgreSQL and one Redis for the whole run, on free ports and without waiting for the disk. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = makeReadable(mkdtempSync(join(tmpdir(), 'traffic-police-')))
  const servers = await startEmbeddedServers({
    name: 'traffic-police',
    dataDir,
    databaseUrl: null,
    redisUrl: null,
    durable: false,
    nodeOptions: ['--import', resolve('tools/typescript.mjs')],
    programsDir: 'node_modules/.cache/traffic-police',
    log: (line) => console.error(`[servers] ${line}`),
  })
  const template = new URL(servers.databaseUrl)
  template.pathname = `/${TEMPLATE}`
  await applyMigrations(template.href, 'prisma/migrations', () => {})
  project.provide('databaseUrl', servers.databaseUrl)
  project.provide('templateDatabase', TEMPLATE)
  project.provide('redisUrl', servers.redisUrl)
  return async () => {
    await servers.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
