import { Injectable } from '@nestjs/common'
import { eventNotFound } from '../../domain/errors.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { workClass, type WorkClass } from '../../infrastructure/work-class.js'
import { SalesVelocity } from '../../rebalancing/sales-velocity.js'
import { SystemMode, type SystemModeName } from '../../system-mode/system-mode.js'
import { nextChangeOf, StockCalculation, stockOf, type StockRows } from './stock-calculation.js'
import type { StockDto } from './stock.dto.js'
import { StockVersions } from './stock-versions.js'

/** How old velocities may be, ms: they decay with time, and reads of other listings of the same account prove quiet hours. */
const MAX_VELOCITY_AGE_MS = 2_000
/** Each is a few KiB: its rows and its JSON. */
const MAX_EVENTS = 1_000

/** An event's stock as it is shown from some version of its rows on, until `until`. */
interface Shown {
  version: string
  mode: SystemModeName
  /** ms */
  until: number
  rows: Promise<StockRows>
  /** JSON without its last field, `asOf`, and what follows. */
  text: Promise<string>
  /** While it is computed: whose work that is, on which only work of the same class waits. */
  computedBy: { workClass: WorkClass | undefined } | null
}

/**
 * The event's stock according to the ledger. It is computed and serialized once per change: each read compares the row
 * versions only, in a query that it shares with the reads of the same moment. So it shows every change that was committed
 * before it, by any process.
 */
@Injectable()
export class StockView {
  /** Those read longest ago first. */
  private readonly shown = new Map<string, Shown>()

  constructor(
    private readonly versions: StockVersions,
    private readonly calculation: StockCalculation,
    private readonly velocity: SalesVelocity,
    private readonly clock: Clock,
    private readonly mode: SystemMode,
  ) {}

  /** Throws NotFound. */
  async of(eventId: string): Promise<StockDto> {
    return JSON.parse(await this.jsonOf(eventId)) as StockDto
  }

  /** The `StockDto` as JSON. Throws NotFound. */
  async jsonOf(eventId: string): Promise<string> {
    const asOf = this.clock.now()
    const version = await this.versions.of(eventId)
    if (version === undefined) throw eventNotFound()
    return this.jsonAt(eventId, version, asOf)
  }

  /** The same for callers who have read the version, at `asOf` or later. */
  async jsonAt(eventId: string, version: string, asOf: Date): Promise<string> {
    return `${await this.textOf(eventId, version)},"asOf":"${asOf.toISOString()}"}`
  }

  private textOf(eventId: string, version: string): Promise<string> {
    const now = this.clock.now()
    const mode = this.mode.current()
    const known = this.shown.get(eventId)
    if (known?.version === version && known.mode === mode && now.getTime() < known.until && isShared(known)) {
      this.keep(eventId, known)
      return known.text
    }
    // Without a change of the rows only time has passed.
    const rows = known?.version === version && isShared(known) ? known.rows : this.calculation.rows(eventId)
    const shown: Shown = {
      version,
      mode,
      until: now.getTime() + MAX_VELOCITY_AGE_MS,
      rows,
      text: this.textFrom(rows, mode, (until) => (shown.until = Math.min(shown.until, until))),
      computedBy: { workClass: workClass() },
    }
    this.keep(eventId, shown)
    shown.text.then(
      () => (shown.computedBy = null),
      () => {
        if (this.shown.get(eventId) === shown) this.shown.delete(eventId)
      },
    )
    return shown.text
  }

  /** `endsAt` is called with the instant at which time alone changes the result. */
  private async textFrom(reading: Promise<StockRows>, mode: SystemModeName, endsAt: (until: number) => void) {
    const rows = await reading
    const velocities = await this.velocity.perHourOf(rows.event)
    const now = this.clock.now()
    const next = nextChangeOf(rows, now)
    if (next !== null) endsAt(next)
    return JSON.stringify(stockOf(rows, { now, selling: mode === 'NORMAL', velocities })).slice(0, -1)
  }

  private keep(eventId: string, shown: Shown): void {
    this.shown.delete(eventId)
    this.shown.set(eventId, shown)
    const [oldest] = this.shown.keys()
    if (this.shown.size > MAX_EVENTS && oldest !== undefined) this.shown.delete(oldest)
  }
}

function isShared({ computedBy }: Shown): boolean {
  return computedBy === null || computedBy.workClass === workClass()
}
