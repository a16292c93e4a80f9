import { Injectable, Logger } from '@nestjs/common'
import { eventNotFound, NotFound, StateConflict } from '../domain/errors.js'
import { newId } from '../infrastructure/ids.js'
import { readCursor, toPage, type Page, type PageQuery } from '../infrastructure/http/requests/pagination.js'
import { Timers } from '../infrastructure/time/timers.js'
import { isUniqueViolation } from '../infrastructure/errors/unique-violation.js'
import { EventStore } from '../stock/event-store.js'
import { DriftStore } from './drift/drift-store.js'
import { itemDto, runDto, type DriftItemDto, type RunDto, type RunWithItemsDto } from './reconciliation.dto.js'
import { RunExecutor, type RunProgress } from './run/run-executor.js'
import { RunStore, type ReconciliationRun, type RunTrigger } from './run/run-store.js'

export interface NewRun {
  trigger: RunTrigger
  eventId?: string
  dryRun?: boolean
  requestedBy?: string
}

export interface RunOptions {
  eventId?: string
  dryRun?: boolean
  requestedBy?: string
  onProgress?: (progress: RunProgress) => void
}

/** Items listed in a response; all are stored. */
const MAX_LISTED_ITEMS = 1_000
const POLL_INTERVAL_MS = 250

/** Creates runs and lists their results. */
@Injectable()
export class ReconciliationService {
  private readonly logger = new Logger('Reconciliation')

  constructor(
    private readonly runs: RunStore,
    private readonly drifts: DriftStore,
    private readonly events: EventStore,
    private readonly executor: RunExecutor,
    private readonly timers: Timers,
  ) {}

  /** Creates a run and returns at once. Throws NotFound for an unknown event, StateConflict while a run is in progress. */
  async start(request: NewRun): Promise<{ id: string }> {
    const { id } = await this.create(request)
    this.executor
      .runPending()
      .catch((error: unknown) =>
        this.logger.error({ err: error, runId: id }, 'failed to execute the run here; another worker will execute it'),
      )
    return { id }
  }

  /** Creates a run and waits until it ends, whichever process executes it. Throws like `start`. */
  async run({ onProgress, ...request }: RunOptions = {}): Promise<RunWithItemsDto> {
    const { id } = await this.create({ ...request, trigger: 'CLI' })
    for (;;) {
      await this.executor.runPending(onProgress)
      const { state, eventsDone: done, eventsTotal: total } = await this.find(id)
      if (state !== 'RUNNING') return this.get(id)
      onProgress?.({ runId: id, done, total: total ?? 0 })
      await this.timers.sleep(POLL_INTERVAL_MS)
    }
  }

  async create({ trigger, eventId, dryRun = false, requestedBy }: NewRun): Promise<ReconciliationRun> {
    if (eventId !== undefined) await this.requireEvent(eventId)
    const run = { id: newId('run'), trigger, dryRun, eventId: eventId ?? null, requestedBy: requestedBy ?? null }
    try {
      return await this.runs.create(run)
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      throw new StateConflict('A reconciliation run is in progress. Wait until it ends.', { cause: error })
    }
  }

  async list(query: PageQuery): Promise<Page<RunDto>> {
    const rows = await this.runs.newest(readCursor(query.cursor), query.limit + 1)
    return toPage(rows, query.limit, ({ itemCount, ...run }) => runDto(run, itemCount))
  }

  /** Throws NotFound. */
  async get(id: string): Promise<RunWithItemsDto> {
    const run = await this.find(id)
    const items = await this.drifts.ofRun(id, MAX_LISTED_ITEMS)
    const count = await this.drifts.countOfRun(id)
    return { ...runDto(run, count), items: items.map(itemDto) }
  }

  /** Drift that runs found for an event, newest first, without dry runs. Throws NotFound. */
  async drift(eventId: string, query: PageQuery): Promise<Page<DriftItemDto>> {
    await this.requireEvent(eventId)
    const rows = await this.drifts.newestOf(eventId, readCursor(query.cursor), query.limit + 1)
    return toPage(rows, query.limit, itemDto)
  }

  private async find(id: string): Promise<ReconciliationRun> {
    const run = await this.runs.find(id)
    if (!run) throw new NotFound('There is no such run.')
    return run
  }

  private async requireEvent(eventId: string): Promise<void> {
    if (!(await this.events.exists(eventId))) throw eventNotFound()
  }
}
