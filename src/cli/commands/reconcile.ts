import type { Command } from 'commander'
import { StateConflict } from '../../domain/errors.js'
import type { DriftItemDto, RunWithItemsDto } from '../../reconciliation/reconciliation.dto.js'
import { ReconciliationService, type RunOptions } from '../../reconciliation/reconciliation.service.js'
import { RunExecutor } from '../../reconciliation/run-executor.js'
import { syncChannels, isServiceRunning } from '../sync-channels.js'
import type { Cli } from '../cli.js'
import { EXIT } from '../exit.js'
import { orUnknown, type Output } from '../output.js'
import { SELF } from '../self.js'
import type { CliContext } from '../cli-context.js'

interface Options {
  event?: string
  dryRun?: boolean
}

const CAPS = new Set(['CAP_DRIFT', 'MODE_DRIFT'])

/** `reconcile [--event ID] [--dry-run]`. */
export function addReconcile(program: Command, cli: Cli): void {
  const command = program
    .command('reconcile')
    .description('Compare the ledger with the platforms, ticket by ticket, and correct what differs')
    .option('--event <id>', 'only this event')
    .option('--dry-run', 'find, and change nothing')
  cli.on<Options>(
    command,
    async ({ station, out, options: { event, dryRun = false } }) => {
      const wish = { ...(event === undefined ? {} : { eventId: event }), dryRun, requestedBy: 'command line' }
      const run = await carryOut(station, out, wish)
      show(out, run)
      if (run.state !== 'SUCCEEDED') return EXIT.failed
      const caps = new Set(run.items.filter(({ kind }) => CAPS.has(kind)).map((item) => item.eventId))
      if (!dryRun && caps.size > 0 && !(await isServiceRunning(station))) await syncChannels(station, [...caps])
      out.next(run.itemCount > 0 && dryRun ? `${SELF} reconcile` : `${SELF} events list`)
    },
    { redis: true },
  )
}

/** Throws NotFound, and StateConflict while another process has a run at work. */
async function carryOut(station: CliContext, out: Output, wish: RunOptions): Promise<RunWithItemsDto> {
  const onProgress = progressOn(out)
  const service = station.get(ReconciliationService)
  out.say('Comparing; calls wait while the budgets of the platforms are spent on more urgent ones')
  try {
    return await service.run({ ...wish, onProgress })
  } catch (error) {
    if (!(error instanceof StateConflict)) throw error
    // One that broke off is in the way until somebody takes it to its end.
    await station.get(RunExecutor).runPending(onProgress)
    return service.run({ ...wish, onProgress })
  }
}

/** A line whenever another event is done. */
function progressOn(out: Output) {
  let told = -1
  return ({ done, total }: { done: number; total: number }) => {
    if (done === told || total === 0) return
    told = done
    out.say(`${done} of ${total} events compared`)
  }
}

function show(out: Output, run: RunWithItemsDto): void {
  const row = ({ eventId, channel, kind, externalOrderId, ledger, platform, corrected, detail }: DriftItemDto) => [
    eventId,
    channel ?? '-',
    kind,
    externalOrderId ?? '-',
    value(ledger),
    value(platform),
    corrected ? 'yes' : 'no',
    detail,
  ]
  out.show(
    run,
    () =>
      out.facts([
        ['run', run.id],
        ['state', { text: run.state, colour: run.state === 'SUCCEEDED' ? 'green' : 'red' }],
        ['dry run', run.dryRun ? 'yes' : 'no'],
        ['events', `${run.eventsDone} of ${orUnknown(run.eventsTotal)}`],
        ['found', `${run.itemCount}`],
      ]),
    () =>
      out.table(['EVENT', 'CHANNEL', 'KIND', 'ORDER', 'LEDGER', 'PLATFORM', 'CORRECTED', 'DETAIL'], run.items.map(row)),
  )
  if (run.reason) out.say(`It failed: ${run.reason}`)
  if (run.items.length < run.itemCount) out.say(`${run.itemCount - run.items.length} more are kept and not listed`)
}

function value(found: unknown): string {
  return typeof found === 'object' && found !== null
    ? JSON.stringify(found)
    : orUnknown(found as string | number | null)
}
