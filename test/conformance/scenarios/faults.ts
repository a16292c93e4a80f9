import { FAULT_NAMES, type FaultName } from '../../../simulators/kit/index.js'
import { BULK, type Bench } from '../adapter-under-test.js'
import {
  NOT_PROCESSED,
  require,
  requireFailureOf,
  requireFutureRetry,
  requireSoundReading,
  valueOf,
} from '../contract.js'
import { listOrders, OrderRecord, requireAllOrders, requireCompleteList } from './order-list.js'
import type { Scenario } from './scenario.js'
import { performSoundly, prepare, requireRecovery, WRITE_OPERATIONS, type WriteOperation } from './write-operations.js'

/** A write that gets no response takes effect this long after the client gave up. */
const LATE_MS = 1_000
/** Every call of an operation fails once: no operation takes more calls. */
const MAX_CALLS = 25

interface FaultCase {
  name: string
  fault: FaultName
  late: boolean
}

const FAULT_CASES: readonly FaultCase[] = [
  ...FAULT_NAMES.map((fault) => ({ name: fault, fault, late: false })),
  { name: 'timeoutBeforeApply, applied late', fault: 'timeoutBeforeApply', late: true },
]

const ALL = 1_000

/** Faults that differ from another one only inside the HTTP client: injected at the first call only. */
const LIKE_ANOTHER: ReadonlySet<FaultName> = new Set([
  'serverError',
  'serverErrorAfterApply',
  'connectionReset',
  'connectionResetAfterApply',
  'forbidden',
])

/** Scenarios of one fault: at each call of the operation, alone and from there on. */
interface FaultPoint {
  fault: FaultName
  skip: number
  calls: number
}

function inject(bench: Bench, { fault, skip, calls }: FaultPoint, late = false): void {
  if (late) bench.simulator.knobs.patch({ lateApplyMs: LATE_MS })
  bench.simulator.faults.inject({ fault, skip, calls })
}

/** Whether the operation made the call that should fail. */
const wasReached = (unused: readonly { skip: number; calls: number }[], calls: number) =>
  unused.length === 0 || (unused[0]?.skip === 0 && unused[0].calls < calls)

function writeScenario(operation: WriteOperation, { name, fault, late }: FaultCase, point: Omit<FaultPoint, 'fault'>) {
  let reached = false
  const scenario: Scenario = {
    name: `${operation.name} during ${name}`,
    run: async (bench) => {
      await prepare(bench, operation)
      inject(bench, { fault, ...point }, late)
      const { outcome, unused } = await performSoundly(bench, operation)
      reached = wasReached(unused, point.calls)
      requireFailureOf(fault, 'write', outcome)
      const untouched = point.skip === 0 && point.calls > 1 && NOT_PROCESSED.has(fault)
      require(!(untouched && outcome.kind === 'UNKNOWN'), 'nothing was sent that could have been applied', outcome)
      bench.simulator.knobs.patch({ lateApplyMs: 0 })
      const reading = valueOf(await bench.adapter.readChannel(bench.current(), BULK))
      requireSoundReading(reading, bench.truth(), bench.stage.clock.now())
      await requireRecovery(bench, operation)
    },
  }
  return { scenario, reached: () => reached }
}

type ReadOperation = 'readChannel' | 'listOrders' | 'getOrder'

function readScenario(operation: ReadOperation, { fault }: FaultCase, point: Omit<FaultPoint, 'fault'>) {
  let reached = false
  const scenario: Scenario = {
    name: operation,
    capacity: 1_000,
    run: async (bench) => {
      const sizes = operation === 'listOrders' ? Array<number>(bench.stage.subject.pageSize + 3).fill(1) : [2, 3]
      const [orderId = ''] = bench.sell(...sizes)
      inject(bench, { fault, ...point })
      const during = { read, list, get }[
        operation === 'readChannel' ? 'read' : operation === 'listOrders' ? 'list' : 'get'
      ]
      const finish = await during(bench, fault, orderId)
      reached = wasReached(bench.simulator.faults.list(), point.calls)
      await bench.settle()
      await finish()
    },
  }
  return { scenario, reached: () => reached }
}

/** Each returns what must hold after the fault. */
async function read(bench: Bench, fault: FaultName) {
  const check = async () => {
    const outcome = await bench.adapter.readChannel(bench.current(), BULK)
    requireFutureRetry(outcome, bench.stage.clock.now())
    if (outcome.kind === 'OK') requireSoundReading(outcome.value, bench.truth(), bench.stage.clock.now())
    return outcome
  }
  requireFailureOf(fault, 'read', await check())
  return async () => void valueOf(await check())
}

async function list(bench: Bench, fault: FaultName) {
  const source = { adapter: bench.adapter, current: () => bench.current() }
  const { ticketTypeId } = bench.ref
  const first = await listOrders(source, 'full', null)
  requireFailureOf(fault, 'read', first.end)
  if (first.end.kind === 'OK') requireCompleteList(first, ticketTypeId, bench.truth())
  return async () => {
    if (first.end.kind === 'OK') return
    const rest = await listOrders(source, 'full', first.cursor)
    valueOf(rest.end)
    requireAllOrders(new OrderRecord(ticketTypeId, [...first.pages, ...rest.pages]), bench.truth())
  }
}

async function get(bench: Bench, fault: FaultName, orderId: string) {
  const check = async () => {
    const outcome = await bench.adapter.getOrder(bench.current(), orderId, BULK)
    if (outcome.kind !== 'OK') return outcome
    require(outcome.value !== null, 'an order that exists is not found')
    const record = new OrderRecord(bench.ref.ticketTypeId)
    record.apply([outcome.value])
    require(record.liveOf(orderId) === 2, 'an order has the wrong tickets', outcome.value)
    return outcome
  }
  requireFailureOf(fault, 'read', await check())
  return async () => void valueOf(await check())
}

/** Runs an operation with the fault at all of its calls, then at its first only, its second only, and so on. */
async function atEveryCall(
  fault: FaultName,
  run: (scenario: Scenario) => Promise<void>,
  scenarioAt: (point: Omit<FaultPoint, 'fault'>) => { scenario: Scenario; reached: () => boolean },
): Promise<void> {
  const runAt = async (skip: number, calls: number, where: string): Promise<boolean> => {
    const { scenario, reached } = scenarioAt({ skip, calls })
    await run(scenario).catch((error: unknown) => {
      if (error instanceof Error) error.message += ` (${where})`
      throw error
    })
    return reached()
  }
  await runAt(0, ALL, 'all calls')
  for (let skip = 0; await runAt(skip, 1, `call ${skip + 1}`); skip++) {
    if (LIKE_ANOTHER.has(fault)) return
    require(skip < MAX_CALLS, `the operation takes more than ${MAX_CALLS} calls`)
  }
}

/** A test of one operation during one fault. */
export interface FaultTest {
  name: string
  run(runScenario: (scenario: Scenario) => Promise<void>): Promise<void>
}

export const FAULT_TESTS: readonly FaultTest[] = FAULT_CASES.flatMap((faultCase) => [
  ...WRITE_OPERATIONS.map((operation) => ({
    name: `${operation.name} during ${faultCase.name}`,
    run: (run: (scenario: Scenario) => Promise<void>) =>
      atEveryCall(faultCase.fault, run, (point) => writeScenario(operation, faultCase, point)),
  })),
  ...(['readChannel', 'listOrders', 'getOrder'] as const)
    .filter(() => !faultCase.late)
    .map((operation) => ({
      name: `${operation} during ${faultCase.name}`,
      run: (run: (scenario: Scenario) => Promise<void>) =>
        atEveryCall(faultCase.fault, run, (point) => readScenario(operation, faultCase, point)),
    })),
])
