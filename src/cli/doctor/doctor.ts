import type { Command } from 'commander'
import { ConfigError } from '../../infrastructure/config/load-config.js'
import { loadCommandConfig } from '../../infrastructure/config/command-line.js'
import type { Config } from '../../infrastructure/config/config.js'
import type { Cli } from '../cli.js'
import { databaseCreated, EXIT } from '../terminal/exit.js'
import type { Output } from '../terminal/output.js'
import { openServers, type Servers } from '../servers.js'
import { MIGRATIONS, CliContext } from '../cli-context.js'
import { environmentFindings, nodeFinding } from './environment.js'
import { findingsOf, red, type Finding, type Level } from './finding.js'
import { platformFindings } from './platforms.js'
import { isEmptySchema, postgresFindings } from './postgres.js'
import { readinessFindings } from './readiness.js'
import { redisFindings } from './redis.js'
import { statusFindings } from './system-status.js'
import { databaseWork, redisWork } from './stuck-work.js'

const WORST_FIRST: readonly Level[] = ['red', 'yellow', 'green']
const FIX_POSTGRES = 'Check that PostgreSQL is reachable'

/**
 * `doctor`: checks everything this installation depends on without changing it. Exit 1 on any red finding, 4 for a
 * database that was created for this command.
 */
export function addDoctor(program: Command, cli: Cli): void {
  const command = program.command('doctor').description('Diagnose this installation; exit 1 on any red finding')
  cli.registerStandalone(command, async (out) => {
    const { findings, isNew } = await runChecks(cli, out)
    const level = WORST_FIRST.find((one) => findings.some((finding) => finding.level === one)) ?? 'green'
    out.show({ level, findings }, () =>
      out.table(
        ['LEVEL', 'CHECK', 'DETAIL'],
        findings.map((finding) => [{ text: finding.level, colour: finding.level }, finding.check, finding.detail]),
      ),
    )
    const [first] = WORST_FIRST.flatMap((one) => findings.filter((finding) => finding.level === one))
    if (first?.fix) out.next(`${first.check}: ${first.fix}`)
    if (!isNew) return level === 'red' ? EXIT.failed : EXIT.done
    const created = databaseCreated()
    out.error(created)
    return created.exit
  })
}

/** `isNew`: the database was created for this command. */
async function runChecks(cli: Cli, out: Output): Promise<{ findings: Finding[]; isNew: boolean }> {
  const environment = [...environmentFindings(), nodeFinding()]
  let config: Config
  try {
    config = loadCommandConfig()
  } catch (error) {
    if (error instanceof ConfigError) return { findings: environment, isNew: false }
    throw error
  }
  let servers: Servers
  try {
    servers = await openServers(config, (line) => out.info(line), cli.clock, cli.timers)
  } catch (error) {
    const fix = 'Stop the other process, or set DATABASE_URL and REDIS_URL'
    return { findings: [...environment, red('servers', (error as Error).message, fix)], isNew: false }
  }
  try {
    const found = await serverFindings(cli, config, servers)
    const isNew = servers.kind === 'started' && found.some(isEmptySchema)
    return { findings: [...environment, ...found], isNew }
  } finally {
    await servers.stop()
  }
}

async function serverFindings({ root, clock }: Cli, config: Config, servers: Servers): Promise<Finding[]> {
  const [postgres, redis] = await Promise.all([
    postgresFindings(servers, MIGRATIONS, clock),
    redisFindings(servers, clock),
  ])
  const found = [...postgres, ...redis]
  const hasTables = postgres.some(({ check, level }) => check === 'schema' && level === 'green')
  if (!hasTables) return found
  const context = await CliContext.open(root, config, servers)
  try {
    found.push(...(await readinessFindings(context)))
    found.push(...(await findingsOf('platforms', () => platformFindings(context), 'See the log')))
    found.push(...(await findingsOf('stuck work', () => databaseWork(context), FIX_POSTGRES)))
    const isRedisReachable = redis.every(({ check, level }) => check !== 'redis' || level !== 'red')
    if (isRedisReachable) found.push(...(await redisWork(context)))
    found.push(...(await findingsOf('status', () => statusFindings(context), FIX_POSTGRES)))
    return found
  } finally {
    await context.close()
  }
}
