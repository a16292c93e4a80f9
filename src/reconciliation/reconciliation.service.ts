import { Injectable, Logger } from '@nestjs/common'
import { NotFound, StateConflict } from '../domain/errors.js'
import type { ReconciliationRun } from '../generated/prisma/client.js'
import type { RunTrigger } from '../generated/prisma/enums.js'
import { newId } from '../infrastructure/ids.js'
import { pageArgs, toPage, type Page, type PageQuery } from '../infrastructure/http/pagination.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Timers } from '../infrastructure/time/timers.js'
import { requireEvent } from '../infrastructure/prisma/require-event.js'
import { isUniqueViolation } from '../infrastructure/errors/unique-violation.js'
import { itemDto, runDto, type DriftItemDto, type RunDto, type RunWithItemsDto } from './reconciliation.dto.js'
import { RunExecutor, type RunProgress } from './run-executor.js'

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
    private readonly prisma: PrismaService,
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
    if (eventId !== undefined) await requireEvent(this.prisma, eventId)
    const data = { id: newId('run'), trigger, dryRun, eventId: eventId ?? null, requestedBy: requestedBy ?? null }
    try {
      return await this.prisma.reconciliationRun.create({ data })
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      throw new StateConflict('A reconciliation run is in progress. Wait until it ends.', { cause: error })
    }
  }

  async list(query: PageQuery): Promise<Page<RunDto>> {
    const rows = await this.prisma.reconciliationRun.findMany({
      ...pageArgs(query),
      include: { _count: { select: { items: true } } },
    })
    return toPage(rows, query.limit, ({ _count, ...run }) => runDto(run, _count.items))
  }

  /** Throws NotFound. */
  async get(id: string): Promise<RunWithItemsDto> {
    const run = await this.find(id)
    const items = await this.prisma.reconciliationItem.findMany({
      where: { runId: id },
      orderBy: { id: 'asc' },
      take: MAX_LISTED_ITEMS,
    })
    const count = await this.prisma.reconciliationItem.count({ where: { runId: id } })
    return { ...runDto(run, count), items: items.map(itemDto) }
  }

  /** Drift that runs found for an event, newest first, without dry runs. Throws NotFound. */
  async drift(eventId: string, query: PageQuery): Promise<Page<DriftItemDto>> {
    await requireEvent(this.prisma, eventId)
    const { where, ...page } = pageArgs(query)
    const rows = await this.prisma.reconciliationItem.findMany({
      ...page,
      where: { ...where, eventId, run: { dryRun: false } },
    })
    return toPage(rows, query.limit, itemDto)
  }

  private async find(id: string): Promise<ReconciliationRun> {
    const run = await this.prisma.reconciliationRun.findUnique({ where: { id } })
    if (!run) throw new NotFound('There is no such run.')
    return run
  }
}
