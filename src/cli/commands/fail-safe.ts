import { Option, type Command } from 'commander'
import type { ModeDto } from '../../fail-safe/mode.dto.js'
import { FailSafeService } from '../../fail-safe/fail-safe.service.js'
import { syncChannels, isServiceRunning } from '../sync-channels.js'
import { channelModes, type ChannelMode } from '../channel-modes.js'
import type { Call, Cli } from '../cli.js'
import { EXIT, usage, type ExitCode } from '../exit.js'
import type { Cell, Output } from '../output.js'
import { SELF } from '../self.js'
import type { CliContext } from '../cli-context.js'

interface ReasonOption {
  reason: string
}

const ACTOR = { id: null, name: 'command line' }
/** Turns of waiting, so that what is done can be said in between. */
const TURN_MS = 500
const CLOSE_WITHIN_MS = 30_000
const RECOVER_WITHIN_MS = 45_000

/** `fail-safe on|off --reason TEXT`, `fail-safe status`. None of them needs Redis. */
export function addFailSafe(program: Command, cli: Cli): void {
  const failSafe = program.command('fail-safe').description('Stop selling everywhere, and begin again')
  const on = failSafe.command('on').description('Refuse holds and sales, and put every platform to waitlist only')
  const off = failSafe.command('off').description('Let sales begin again once Redis answers and all sales are read')
  const check = (_args: unknown, { reason }: ReasonOption) => {
    const length = reason.trim().length
    if (length < 1 || length > 500) throw usage('The reason must have 1 to 500 characters', '--reason "what happened"')
  }
  for (const command of [on, off]) {
    command.addOption(new Option('--reason <text>', 'why, for those who ask later').makeOptionMandatory())
  }
  cli.on<ReasonOption>(on, turnOn, { check })
  cli.on<ReasonOption>(off, turnOff, { check })
  cli.on(failSafe.command('status').description('The mode, and how every channel stands'), async ({ station, out }) => {
    const mode = await station.get(FailSafeService).status()
    show(out, mode, await channelModes(station))
    if (mode.forced) out.next(`${SELF} fail-safe off --reason TEXT`)
  })
}

async function turnOn({ station, out, options }: Call<ReasonOption>): Promise<ExitCode> {
  const service = station.get(FailSafeService)
  await service.force(options.reason.trim(), ACTOR)
  out.say('Nothing is sold from now on; closing the platforms')
  const channels = await closed(station)
  show(out, await service.status(), channels)
  const open = channels.filter(({ isClosed }) => !isClosed)
  for (const { event, platform, syncError } of open)
    out.say(`not confirmed: ${platform}, ${event}: ${syncError ?? 'no answer yet'}`)
  out.next(`${SELF} fail-safe off --reason TEXT`)
  // A platform that is simulated, and not running, sells nothing.
  return open.some(({ isSimulated }) => !isSimulated) ? EXIT.failed : EXIT.done
}

/** Takes part in the closing until every platform that can be told has confirmed it, or the time is over. */
async function closed(station: CliContext): Promise<ChannelMode[]> {
  const deadline = Date.now() + CLOSE_WITHIN_MS
  for (;;) {
    const channels = await channelModes(station)
    const waited = channels.filter(({ isClosed, canDrive }) => canDrive && !isClosed)
    if (waited.length === 0 || Date.now() > deadline) return channels
    await station.get(FailSafeService).settle('FAIL_SAFE', TURN_MS)
  }
}

async function turnOff({ station, out, options }: Call<ReasonOption>): Promise<void> {
  const service = station.get(FailSafeService)
  const before = await service.status()
  const released = await service.clear(options.reason.trim(), ACTOR)
  if (!before.forced) out.say('The mode was not forced: nothing was changed')
  if (released.mode === 'FAIL_SAFE' && (await answers(station))) await recover(station, out)
  const mode = await service.status()
  show(out, mode, await channelModes(station))
  if (mode.mode === 'NORMAL') return out.next(`${SELF} events list`)
  out.say('Not forced any more: the mode ends by itself when the service runs, Redis answers and all sales are read')
  out.next(`${SELF} fail-safe status`)
}

async function recover(station: CliContext, out: Output): Promise<void> {
  out.say('Reading what was sold meanwhile')
  const ended = await station.get(FailSafeService).settle('NORMAL', RECOVER_WITHIN_MS)
  if (ended && !(await isServiceRunning(station))) await syncChannels(station)
}

async function answers(station: CliContext): Promise<boolean> {
  try {
    await station.needRedis()
    return true
  } catch {
    return false // said by the mode itself
  }
}

function show(out: Output, mode: ModeDto, items: readonly ChannelMode[]): void {
  const { open, waitlistOnly, pending } = mode.channels
  const name: Cell = { text: mode.mode, colour: mode.mode === 'NORMAL' ? 'green' : 'red' }
  out.show(
    { ...mode, items: items.map(({ isClosed: _closed, isSimulated: _simulated, canDrive: _drive, ...item }) => item) },
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
        ['EVENT', 'PLATFORM', 'MODE', 'AS OF', 'TROUBLE'],
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
