// Prisma's command line, as `npm run prisma -- <command>`. Its engine is the one in this folder, unless
// PRISMA_SCHEMA_ENGINE_BINARY is set. Without DATABASE_URL it uses the embedded server, if that is running.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

function embeddedDatabase() {
  const file = `${process.env.DATA_DIR ?? here('../.data')}/runtime.json`
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).databaseUrl : undefined
}

/** Runs one Prisma command and returns its exit code. */
export function prisma(args, { env = {}, stdio = 'inherit' } = {}) {
  const child = spawnSync(process.execPath, [here('../node_modules/prisma/build/index.js'), ...args], {
    cwd: here('..'),
    stdio,
    env: {
      PRISMA_SCHEMA_ENGINE_BINARY: here('./schema-engine.mjs'),
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
      ...process.env,
      ...env,
    },
  })
  if (child.error) throw child.error
  return child.status ?? 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const database = process.env.DATABASE_URL ?? embeddedDatabase()
  process.exitCode = prisma(process.argv.slice(2), { env: database ? { DATABASE_URL: database } : {} })
}
