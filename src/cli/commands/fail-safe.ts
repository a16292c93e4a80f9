import { Option, type Command } from 'commander'
import type { ModeDto } from '../../fail-safe/mode.dto.js'
import { FailSafeService } from '../../fail-safe/fail-safe.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { syncChannels, isServiceRunning } from '../sync-channels.js'
import { channelModes, type ChannelMode } from '../channel-modes.js'
import type { Invocation, Cli } from '../cli.js'
import { EXIT, usage, type ExitCode } from '../terminal/exit.js'
import type { Cell, Output } from '../terminal/output.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'
import type { CliContext } from '../cli-context.js'

interface ReasonOption {
  reason: string
}

const ACTOR = { id: null, name: 'command line' }
const POLL_MS = 500
const CLOSE_TIMEOUT_MS = 30_000
const RECOVERY_TIMEOUT_MS = 45_000

/** `fail-safe on|off --reason TEXT`, `fail-safe status`. None of them needs Redis. */
export function addFailSafe(program: Command, cli: Cli): void {
  const failSafe = program.command('fail-safe').description('Stop all sales, and resume them')
  const on = failSafe.command('on').description('Reject holds and sales, and set every platform to waitlist only')
  const off = failSafe.command('off').description('Resume sales once Redis is reachable and all sales are read')
  const check = (_args: unknown, { reason }: ReasonOption) => {
    const length = reason.trim().length
    if (length < 1 || length > 500) throw usage('The reason must have 1 to 500 characters', '--reason "what happened"')
  }
  for (const command of [on, off]) {
    command.addOption(new Option('--reason <text>', 'the reason, recorded in the mode history').makeOptionMandatory())
  }
  cli.register<ReasonOption>(on, turnOn, { check })
  cli.register<ReasonOption>(off, turnOff, { check })
  cli.register(
    failSafe.command('status').description('Show the mode and the state of every channel'),
    async ({ context, out }) => {
      const mode = await context.get(FailSafeService).status()
      show(out, mode, await channelModes(context))
      if (mode.forced) out.next(`${PROGRAM_NAME} fail-safe off --reason TEXT`)
    },
  )
}

async function turnOn({ context, out, options }: Invocation<ReasonOption>): Promise<ExitCode> {
  const service = context.get(FailSafeService)
  await service.force(options.reason.trim(), ACTOR)
  out.info('Sales are stopped; closing the platforms')
  const channels = await waitUntilClosed(context)
  show(out, await service.status(), channels)
  const open = channels.filter(({ isClosed }) => !isClosed)
  for (const { event, platform, syncError } of open)
    out.info(`not confirmed: ${platform}, ${event}: ${syncError ?? 'no response yet'}`)
  out.next(`${PROGRAM_NAME} fail-safe off --reason TEXT`)
  // A simulated platform that is not running sells nothing; a person who has to close a listing is not waited for.
  return open.some(({ isSimulated, isManual }) => !isSimulated && !isManual) ? EXIT.failed : EXIT.done
}

/** Takes part in closing until every platform with credentials has confirmed, or the timeout is reached. */
async function waitUntilClosed(context: CliContext): Promise<ChannelMode[]> {
  const clock = context.get(Clock)
  const deadline = clock.now().getTime() + CLOSE_TIMEOUT_MS
  for (;;) {
    const channels = await channelModes(context)
    const pending = channels.filter(({ isClosed, canDrive }) => canDrive && !isClosed)
    if (pending.length === 0 || clock.now().getTime() > deadline) return channels
    await context.get(FailSafeService).settle('FAIL_SAFE', POLL_MS)
  }
}

async function turnOff({ context, out, options }: Invocation<ReasonOption>): Promise<void> {
  const service = context.get(FailSafeService)
  const before = await service.status()
  const released = await service.clear(options.reason.trim(), ACTOR)
  if (!before.forced) out.info('The mode was not forced: nothing was changed')
  if (released.mode === 'FAIL_SAFE' && (await isRedisReachable(context))) await recover(context, out)
  const mode = await service.status()
  show(out, mode, await channelModes(context))
  if (mode.mode === 'NORMAL') return out.next(`${PROGRAM_NAME} events list`)
  out.info(
    'No longer forced: the mode ends automatically once the service is running, Redis is reachable and all sales are read',
  )
  out.next(`${PROGRAM_NAME} fail-safe status`)
}

async function recover(context: CliContext, out: Output): Promise<void> {
  out.info('Reading the sales since the outage')
  const ended = await context.get(FailSafeService).settle('NORMAL', RECOVERY_TIMEOUT_MS)
  if (ended && !(await isServiceRunning(context))) await syncChannels(context)
}

async function isRedisReachable(context: CliContext): Promise<boolean> {
  try {
    await context.requireRedis()
    return true
  } catch {
    return false // the mode shows the reason
  }
}

function show(out: Output, mode: ModeDto, items: readonly ChannelMode[]): void {
  const { open, waitlistOnly, pending } = mode.channels
  const name: Cell = { text: mode.mode, colour: mode.mode === 'NORMAL' ? 'green' : 'red' }
  out.show(
    {
      ...mode,
      items: items.map(
        ({ isClosed: _closed, isManual: _manual, isSimulated: _simulated, canDrive: _drive, ...item }) => item,
      ),
    },
    () =>
      out.facts([
        ['mode', name],
        ['forced', mode.forced ? 'yes' : 'no'],
        ['reason', mode.reason ?? '-'],
        ['since', mode.since],
        ['channels', `${open} open, ${waitlistOnly} waitlist only, ${pending} pending`],
      ]),
    () =>
      out.table(
        ['EVENT', 'PLATFORM', 'MODE', 'AS OF', 'ERROR'],
        items.map(({ event, platform, mode: shown, asOf, syncError }) => [
          event,
          platform,
          shown,
          asOf ?? 'never',
          syncError ?? '',
        ]),
      ),
  )
}
