import { useUuids } from '../../src/infrastructure/ids.js'
import { dropCorrelation } from '../../src/infrastructure/logging/correlation.js'
import { decideApplication, decideApplications } from '../actors/applications.js'
import { buy, completeCarts } from '../actors/buyers.js'
import { atTheDoor } from '../actors/door.js'
import { Entrants } from '../actors/entrants.js'
import { breakPart } from '../actors/faults.js'
import { keepManualListings, onManualListing } from '../actors/manual-listings.js'
import { operate, settle } from '../actors/operators.js'
import { setUp } from '../actors/setup.js'
import { invariantChecker } from '../invariants/all.js'
import { nightlyRun, unconverged } from '../invariants/convergence.js'
import { unprovenEvents } from '../invariants/proof.js'
import type { Violation } from '../invariants/violation.js'
import type { Recorder } from '../replay/recorder.js'
import { LISTING_ACTIONS, type Action, type Scenario } from '../scenario/actions.js'
import { seededUuids } from '../world/seeded-uuids.js'
import { World } from '../world/world.js'
import { watchUnhandledRejections } from './unhandled-rejections.js'
import { stateOf } from './world-state.js'

export interface RunResult {
  seed: number
  /** The first violations, with the time at which they were found; empty: none. */
  violations: Violation[]
  /** Virtual time of the run, ms. */
  virtualMs: number
  steps: number
  /** Executed faults by kind. */
  faults: Record<string, number>
  traceHash: string
  /** The newest lines of the trace. */
  tail: string[]
  /** After a violation: each listing as it is and as it is recorded. */
  state: string[]
}

/** How long processes have before the first action: they import the listings in that time. */
const SETTLING_MS = 20_000
/**
 * How long the calm phase may last, after the window in which a lower limit returns what was spent before. Counted again
 * from the start of its reconciliation: that waits for one which an operator has started.
 */
const CALM_LIMIT_MS = 45 * 60_000
const CALM_CHECK_MS = 10_000
/** The calm lasts at least until the reconciliation that takes place in it has ended. */
const MIN_CALM_MS = 60_000

const PROGRESS_MS = 60_000

export interface RunOptions {
  /** Receives each line of the trace. */
  onTrace?: ((line: string) => void) | null
  /** Receives what the processes do at the stores and the gate. */
  recorder?: Recorder | null
  /** Called after each minute of virtual time. */
  onProgress?: () => void
}

/** Runs one scenario to its end, or to the first violation. */
export async function runScenario(
  scenario: Scenario,
  { onTrace = null, recorder = null, onProgress = () => undefined }: RunOptions = {},
): Promise<RunResult> {
  const uuids = seededUuids(scenario.seed)
  const restores = [useUuids(recorder?.uuids(uuids) ?? uuids), dropCorrelation()]
  const world = await World.create(scenario, { recorder })
  world.trace.onLine = onTrace
  const unwatch = watchUnhandledRejections((error) => world.reportUnhandled(error))
  try {
    return await new Run(world, onProgress).execute()
  } finally {
    recorder?.finish(world.events.map(({ id }) => ({ eventId: id, state: world.redis.gateOf(id) })))
    await world.close()
    unwatch()
    for (const restore of restores) restore()
  }
}

class Run {
  private readonly check
  private readonly entrants
  private readonly faults: Record<string, number> = {}
  private steps = 0
  private reportedMs: number

  constructor(
    private readonly world: World,
    private readonly onProgress: () => void,
  ) {
    this.reportedMs = world.time.ms()
    this.check = invariantChecker(world)
    this.entrants = new Entrants(world)
  }

  async execute(): Promise<RunResult> {
    const { world } = this
    const { processes, actions, activeMs } = world.scenario
    for (let slot = 0; slot < processes; slot++) world.processes.start(slot)
    const start = world.time.ms()
    const violations =
      (await this.advance(2_000)) ??
      (await this.settingUp()) ??
      (await this.active(actions, activeMs)) ??
      (await this.calm()) ??
      (await this.proofs())
    return {
      seed: world.scenario.seed,
      violations: violations ?? [],
      virtualMs: world.time.ms() - start,
      steps: this.steps,
      faults: this.faults,
      traceHash: world.trace.digest(),
      tail: world.trace.tail(),
      state: violations ? stateOf(world) : [],
    }
  }

  private async settingUp(): Promise<Violation[] | null> {
    this.world.background(setUp(this.world))
    return this.advance(SETTLING_MS)
  }

  private async active(actions: readonly Action[], activeMs: number): Promise<Violation[] | null> {
    for (const action of actions) this.world.time.after(action.atMs, () => this.perform(action))
    return this.advance(activeMs)
  }

  /** Nothing fails any more: everything must converge to the platforms' truth. */
  private async calm(): Promise<Violation[] | null> {
    const { world } = this
    world.trace.add('calm')
    world.isCalm = true
    world.repairAll()
    world.background(settle(world))
    completeCarts(world)
    keepManualListings(world)
    decideApplications(world)
    this.entrants.declineIgnored()
    const start = world.time.ms()
    const windows = Object.values(world.scenario.limits ?? {}).map(({ windowSeconds }) => windowSeconds * 1_000)
    const limitMs = CALM_LIMIT_MS + Math.max(0, ...windows)
    for (;;) {
      const violations = await this.advance(CALM_CHECK_MS)
      if (violations) return violations
      world.changedByTime()
      const remaining = unconverged(world)
      const now = world.time.ms()
      if (remaining.length === 0 && now - start >= MIN_CALM_MS) return null
      if (now - (nightlyRun(world)?.startedAt.getTime() ?? start) >= limitMs) return remaining
    }
  }

  private async proofs(): Promise<Violation[] | null> {
    const violations = await unprovenEvents(this.world)
    return violations.length > 0 ? violations : null
  }

  private perform(action: Action): void {
    if (action.kind === 'join-waitlist') this.entrants.join(action)
    else if (action.kind === 'decide-application') decideApplication(this.world, action)
    else if (isAtDoor(action)) atTheDoor(this.world, action)
    else if ('manual' in action) onManualListing(this.world, action)
    else if (isBuyer(action)) buy(this.world, action)
    else if (isOperator(action)) operate(this.world, action)
    else {
      this.faults[action.kind] = (this.faults[action.kind] ?? 0) + 1
      this.world.trace.add(JSON.stringify(action))
      breakPart(this.world, action)
    }
  }

  /** Lets time pass, step by step; the violations that a step has caused, or null. */
  private async advance(ms: number): Promise<Violation[] | null> {
    const { world } = this
    const end = world.time.ms() + ms
    let ended = false
    world.time.after(ms, () => (ended = true))
    while (!ended) {
      if (!(await world.time.step())) throw new Error(`no timer is left before ${end}`)
      this.steps += 1
      this.reportProgress()
      const violations = this.check()
      const unhandled = world.takeUnhandled()
      if (violations.length + unhandled.length > 0) return [...violations, ...unhandled]
    }
    return null
  }

  private reportProgress(): void {
    const now = this.world.time.ms()
    if (now < this.reportedMs + PROGRESS_MS) return
    this.reportedMs = now
    this.onProgress()
  }
}

const BUYERS = [
  'buy',
  'open-cart',
  'complete-cart',
  'cancel-order',
  'change-order',
  'cancel-ticket',
  'transfer-order',
  'buy-or-wait',
  'hold',
] as const
const DOOR = ['check-in-on-platform', 'scan-ticket', 'take-back-check-in', 'walk-in', 'take-back-walk-in'] as const
const OPERATORS = [
  'set-platform-cap',
  'pause-channel',
  'resume-channel',
  'pause-event',
  'resume-event',
  'reopen-event',
  'change-capacity',
  'force-fail-safe',
  'release-fail-safe',
  'reconcile',
  'replace-credentials',
  'offer-to-entry',
  'remove-entry',
  'move-entry',
  'sell-safety-stock',
  'release-safety-stock',
  'cancel-direct-order',
  ...LISTING_ACTIONS,
] as const

type Kind = Action['kind']
const isBuyer = (action: Action): action is Extract<Action, { kind: (typeof BUYERS)[number] }> =>
  (BUYERS as readonly Kind[]).includes(action.kind)
const isAtDoor = (action: Action): action is Extract<Action, { kind: (typeof DOOR)[number] }> =>
  (DOOR as readonly Kind[]).includes(action.kind)
const isOperator = (action: Action): action is Extract<Action, { kind: (typeof OPERATORS)[number] }> =>
  (OPERATORS as readonly Kind[]).includes(action.kind)
