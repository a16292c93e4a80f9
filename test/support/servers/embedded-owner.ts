// Runs embedded servers in a process that tests can kill: embedded-owner.ts DATA_DIR PROGRAMS_DIR
import { startEmbeddedServers } from '#embedded-services'

const [dataDir = '', programsDir = ''] = process.argv.slice(2)
try {
  const servers = await startEmbeddedServers({
    name: 'traffic-police',
    dataDir,
    programsDir,
    databaseUrl: null,
    redisUrl: null,
    log: (line) => console.error(line),
  })
  process.once('SIGTERM', () => {
    void servers.stop().then(() => process.exit(0))
  })
  console.log(JSON.stringify({ databaseUrl: servers.databaseUrl, redisUrl: servers.redisUrl }))
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
