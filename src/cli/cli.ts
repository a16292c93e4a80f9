import type { Command } from 'commander'
import { loadCommandConfig } from '../infrastructure/config/command-line.js'
import type { Config } from '../infrastructure/config/config.js'
import type { Clock } from '../infrastructure/time/clock.js'
import type { Timers } from '../infrastructure/time/timers.js'
import { EXIT, type ExitCode } from './terminal/exit.js'
import { Output } from './terminal/output.js'
import { openServers } from './servers.js'
import { prepareDatabase, CliContext, type Root } from './cli-context.js'

/** One invocation of a command on an open context. */
export interface Invocation<O> {
  context: CliContext
  out: Output
  /** Positional arguments in order. */
  args: (string | undefined)[]
  options: O
}

/** Returns the exit code if it is not 0. */
export type Handler<O> = (invocation: Invocation<O>) => Promise<ExitCode | void>

export interface CommandRequirements<O> {
  /** The command needs Redis. */
  redis?: boolean
  /** Throws CliError for wrong usage, before anything is opened. */
  check?: (args: (string | undefined)[], options: O) => void
}

/** Shared by all commands: `--json`, opening and closing the context, the exit code. */
export class Cli {
  exitCode: ExitCode = EXIT.done

  constructor(
    readonly root: Root,
    readonly clock: Clock,
    readonly timers: Timers,
  ) {}

  /** Registers a command that runs on the application context. */
  register<O extends object = object>(
    command: Command,
    handler: Handler<O>,
    { redis = false, check }: CommandRequirements<O> = {},
  ): Command {
    return this.registerStandalone(command, async (out, args) => {
      const options = command.optsWithGlobals<O>()
      check?.(args, options)
      const config: Config = loadCommandConfig()
      const servers = await openServers(config, (line) => out.info(line), this.clock, this.timers)
      try {
        await prepareDatabase(servers, (line) => out.info(line))
        const context = await CliContext.open(this.root, config, servers)
        try {
          if (redis) await context.requireRedis()
          return await handler({ context, out, args, options })
        } finally {
          await context.close()
        }
      } finally {
        await servers.stop()
      }
    })
  }

  /** Registers a command that opens its own connections. */
  registerStandalone(
    command: Command,
    handler: (out: Output, args: (string | undefined)[]) => Promise<ExitCode | void>,
  ): Command {
    return command.option('--json', 'one JSON document on standard output').action(async () => {
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>()
      const args = command.processedArgs as (string | undefined)[]
      this.exitCode = (await handler(new Output(json), args)) ?? EXIT.done
    })
  }
}
