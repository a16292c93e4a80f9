// `npm run schema:drift`: checks on a temporary PostgreSQL that the migrations produce exactly prisma/schema.prisma.
// Exit 1 on a difference, which is printed as SQL.
import { SOURCE_OPTIONS } from '../typescript.mjs'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prisma } from '../prisma.mjs'

const { startEmbeddedServers } = await import('#embedded-services')

const dataDir = mkdtempSync(join(tmpdir(), 'traffic-police-drift-'))
chmodSync(dataDir, 0o755)
const servers = await startEmbeddedServers({
  name: 'traffic-police',
  dataDir,
  programsDir: 'node_modules/.cache/traffic-police',
  databaseUrl: null,
  redisUrl: 'redis://unused',
  durable: false,
  nodeOptions: SOURCE_OPTIONS,
  log: (line) => console.error(line),
})
try {
  const migrations = ['--from-migrations', 'prisma/migrations', '--to-schema', 'prisma/schema.prisma']
  const code = prisma(['migrate', 'diff', ...migrations, '--script', '--exit-code'], {
    env: { DATABASE_URL: servers.databaseUrl, SHADOW_DATABASE_URL: servers.databaseUrl },
  })
  if (code === 2) console.error('The migrations do not match prisma/schema.prisma. Create the missing one:')
  if (code === 2) console.error('  npm run prisma -- migrate dev --name <description>')
  process.exitCode = code === 0 ? 0 : 1
} finally {
  await servers.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
