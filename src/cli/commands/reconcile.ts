import type { Command } from 'commander'
import { StateConflict } from '../../domain/errors.js'
import type { DriftItemDto, RunWithItemsDto } from '../../reconciliation/reconciliation.dto.js'
import { ReconciliationService, type RunOptions } from '../../reconciliation/reconciliation.service.js'
import { RunExecutor } from '../../reconciliation/run/run-executor.js'
import { syncChannels, isServiceRunning } from '../sync-channels.js'
import type { Cli } from '../cli.js'
import { EXIT } from '../terminal/exit.js'
import { orUnknown, type Output } from '../terminal/output.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'
import type { CliContext } from '../cli-context.js'

interface Options {
  event?: string
  dryRun?: boolean
}

const CHANNEL_DRIFTS = new Set(['CAP_DRIFT', 'MODE_DRIFT'])

/** `reconcile [--event ID] [--dry-run]`. */
export function addReconcile(program: Command, cli: Cli): void {
  const command = program
    .command('reconcile')
    .description('Compare the ledger with the platforms, ticket by ticket, and correct what differs')
    .option('--event <id>', 'only this event')
    .option('--dry-run', 'report differences without correcting them')
  cli.register<Options>(
    command,
    async ({ context, out, options: { event, dryRun = false } }) => {
      const request = { ...(event === undefined ? {} : { eventId: event }), dryRun, requestedBy: 'command line' }
      const run = await runReconciliation(context, out, request)
      show(out, run)
      if (run.state !== 'SUCCEEDED') return EXIT.failed
      const caps = new Set(run.items.filter(({ kind }) => CHANNEL_DRIFTS.has(kind)).map((item) => item.eventId))
      if (!dryRun && caps.size > 0 && !(await isServiceRunning(context))) await syncChannels(context, [...caps])
      out.next(run.itemCount > 0 && dryRun ? `${PROGRAM_NAME} reconcile` : `${PROGRAM_NAME} events list`)
    },
    { redis: true },
  )
}

/** Throws NotFound, and StateConflict while another process has a run in progress. */
async function runReconciliation(context: CliContext, out: Output, request: RunOptions): Promise<RunWithItemsDto> {
  const onProgress = progressOn(out)
  const service = context.get(ReconciliationService)
  out.info('Comparing; calls may wait because more urgent ones have priority in the rate limits')
  try {
    return await service.run({ ...request, onProgress })
  } catch (error) {
    if (!(error instanceof StateConflict)) throw error
    // An aborted run blocks new ones until it is completed.
    await context.get(RunExecutor).runPending(onProgress)
    return service.run({ ...request, onProgress })
  }
}

/** Prints a line whenever another event is done. */
function progressOn(out: Output) {
  let lastReported = -1
  return ({ done, total }: { done: number; total: number }) => {
    if (done === lastReported || total === 0) return
    lastReported = done
    out.info(`${done} of ${total} events compared`)
  }
}

function show(out: Output, run: RunWithItemsDto): void {
  const row = ({ eventId, channel, kind, externalOrderId, ledger, platform, corrected, detail }: DriftItemDto) => [
    eventId,
    channel ?? '-',
    kind,
    externalOrderId ?? '-',
    formatValue(ledger),
    formatValue(platform),
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
  if (run.reason) out.info(`The run failed: ${run.reason}`)
  if (run.items.length < run.itemCount)
    out.info(`${run.itemCount - run.items.length} more items are stored and not listed`)
}

function formatValue(item: unknown): string {
  return typeof item === 'object' && item !== null ? JSON.stringify(item) : orUnknown(item as string | number | null)
}
