import type { Command } from 'commander'
import { loadCommandConfig } from '../infrastructure/config/command-line.js'
import type { Config } from '../infrastructure/config/config.js'
import { EXIT, type ExitCode } from './exit.js'
import { Output } from './output.js'
import { openServers } from './servers.js'
import { prepareDatabase, CliContext, type Root } from './cli-context.js'

/** One call of a command on the running parts. */
export interface Call<O> {
  station: CliContext
  out: Output
  /** Positional arguments in order. */
  args: (string | undefined)[]
  options: O
}

/** Answers the exit code if it is not 0. */
export type Work<O> = (call: Call<O>) => Promise<ExitCode | void>

export interface Needs<O> {
  /** It cannot do without Redis. */
  redis?: boolean
  /** Throws CliError for wrong usage, before anything is opened. */
  check?: (args: (string | undefined)[], options: O) => void
}

/** What all commands share: `--json`, opening and closing what they work on, their exit code. */
export class Cli {
  exitCode: ExitCode = EXIT.done

  constructor(readonly root: Root) {}

  /** A command on the parts of the service. */
  on<O extends object = object>(command: Command, work: Work<O>, { redis = false, check }: Needs<O> = {}): Command {
    return this.bare(command, async (out, args) => {
      const options = command.optsWithGlobals<O>()
      check?.(args, options)
      const config: Config = loadCommandConfig()
      const servers = await openServers(config, (line) => out.say(line))
      try {
        await prepareDatabase(servers, (line) => out.say(line))
        const station = await CliContext.open(this.root, config, servers)
        try {
          if (redis) await station.needRedis()
          return await work({ station, out, args, options })
        } finally {
          await station.close()
        }
      } finally {
        await servers.stop()
      }
    })
  }

  /** A command that opens for itself what it looks at. */
  bare(command: Command, work: (out: Output, args: (string | undefined)[]) => Promise<ExitCode | void>): Command {
    return command.option('--json', 'one JSON document on standard output').action(async () => {
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>()
      const args = command.processedArgs as (string | undefined)[]
      this.exitCode = (await work(new Output(json), args)) ?? EXIT.done
    })
  }
}
