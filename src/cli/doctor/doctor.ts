import type { Command } from 'commander'
import { ConfigError } from '../../infrastructure/config/load-config.js'
import { loadCommandConfig } from '../../infrastructure/config/command-line.js'
import type { Config } from '../../infrastructure/config/config.js'
import type { Cli } from '../cli.js'
import { EXIT } from '../exit.js'
import type { Output } from '../output.js'
import { openServers, type Servers } from '../servers.js'
import { MIGRATIONS, CliContext, type Root } from '../cli-context.js'
import { environmentFindings, nodeFinding } from './environment.js'
import { findingsOf, red, type Finding, type Level } from './finding.js'
import { platformFindings } from './platforms.js'
import { postgresFindings } from './postgres.js'
import { readinessFindings } from './readiness.js'
import { redisFindings } from './redis.js'
import { standingFindings } from './system-status.js'
import { databaseWork, redisWork } from './stuck-work.js'

const WORST_FIRST: readonly Level[] = ['red', 'yellow', 'green']

/** `doctor`: looks at everything this installation stands on, and changes nothing. Exit 1 on any red finding. */
export function addDoctor(program: Command, cli: Cli): void {
  const command = program
    .command('doctor')
    .description('What is wrong with this installation; exit 1 on any red finding')
  cli.bare(command, async (out) => {
    const findings = await examine(cli.root, out)
    const level = WORST_FIRST.find((one) => findings.some((finding) => finding.level === one)) ?? 'green'
    out.show({ level, findings }, () =>
      out.table(
        ['LEVEL', 'CHECK', 'DETAIL'],
        findings.map((finding) => [{ text: finding.level, colour: finding.level }, finding.check, finding.detail]),
      ),
    )
    const [first] = WORST_FIRST.flatMap((one) => findings.filter((finding) => finding.level === one))
    if (first?.fix) out.next(`${first.check}: ${first.fix}`)
    return level === 'red' ? EXIT.failed : EXIT.done
  })
}

async function examine(root: Root, out: Output): Promise<Finding[]> {
  const own = [...environmentFindings(), nodeFinding()]
  let config: Config
  try {
    config = loadCommandConfig()
  } catch (error) {
    if (error instanceof ConfigError) return own
    throw error
  }
  let servers: Servers
  try {
    servers = await openServers(config, (line) => out.say(line))
  } catch (error) {
    return [
      ...own,
      red('servers', (error as Error).message, 'Stop what is in the way, or set DATABASE_URL and REDIS_URL'),
    ]
  }
  try {
    return [...own, ...(await serverFindings(root, config, servers))]
  } finally {
    await servers.stop()
  }
}

async function serverFindings(root: Root, config: Config, servers: Servers): Promise<Finding[]> {
  const [postgres, redis] = await Promise.all([postgresFindings(servers, MIGRATIONS), redisFindings(servers)])
  const found = [...postgres, ...redis]
  const hasTables = postgres.some(({ check, level }) => check === 'schema' && level === 'green')
  if (!hasTables) return found
  const station = await CliContext.open(root, config, servers)
  try {
    found.push(...(await readinessFindings(station)))
    found.push(...(await findingsOf('platforms', () => platformFindings(station), 'See the log')))
    found.push(...(await findingsOf('stuck work', () => databaseWork(station), 'See that PostgreSQL answers')))
    const isRedisThere = redis.every(({ check, level }) => check !== 'redis' || level !== 'red')
    if (isRedisThere) found.push(...(await redisWork(station)))
    found.push(...(await findingsOf('standing', () => standingFindings(station), 'See that PostgreSQL answers')))
    return found
  } finally {
    await station.close()
  }
}
