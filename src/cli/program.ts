import { Logger } from '@nestjs/common'
import { Command, CommanderError } from 'commander'
import { Cli } from './cli.js'
import { EXIT, explain, type ExitCode } from './terminal/exit.js'
import { invocationOf } from '../infrastructure/config/command-line.js'
import { SystemClock, SystemTimers } from '../infrastructure/time/system-time.js'
import { addEvents } from './commands/events.js'
import { addFailSafe } from './commands/fail-safe.js'
import { addMails } from './commands/mails.js'
import { addOperators } from './commands/operators.js'
import { addRebalance } from './commands/rebalance.js'
import { addReconcile } from './commands/reconcile.js'
import { addSecrets } from './commands/secrets.js'
import { addStock } from './commands/stock.js'
import { addWebhooks } from './commands/webhooks.js'
import { addConnections } from './commands/connections.js'
import { addDoctor } from './doctor/doctor.js'
import { Output } from './terminal/output.js'
import type { Root } from './cli-context.js'

const EXITS = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 a server it needs is unreachable, or its database was only just created.
Data goes to standard output, messages to standard error.`

/** Runs one command line (without the program name) and returns the exit code. Never rejects. */
export async function runCommandLine(args: readonly string[], root: Root): Promise<ExitCode> {
  // Nest's default logger writes to standard output, which is for data.
  Logger.overrideLogger(false)
  const cli = new Cli(root, new SystemClock(), new SystemTimers())
  try {
    await program(cli).parseAsync([...args], { from: 'user' })
    return cli.exitCode
  } catch (error) {
    // Commander has printed the error; `--help` is not an error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    const problem = explain(error)
    new Output(false).error(problem)
    if (invocationOf().verbose && error instanceof Error)
      process.stderr.write(`${error.stack}
`)
    return problem.exit
  }
}

function program(cli: Cli): Command {
  const program = new Command('traffic-police')
    .description('Operates Traffic Police; works while the service is running or stopped, and while Redis is down.')
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', EXITS)
    .showHelpAfterError('(add --help for the options)')
    .exitOverride()
    .helpCommand(true)
  addFailSafe(program, cli)
  addEvents(program, cli)
  addStock(program, cli)
  addRebalance(program, cli)
  addReconcile(program, cli)
  addWebhooks(program, cli)
  addMails(program, cli)
  addConnections(program, cli)
  addOperators(program, cli)
  addSecrets(program, cli)
  addDoctor(program, cli)
  return program
}
