import type { Violation } from '../invariants/violation.js'
import { runScenario } from '../run/run-scenario.js'
import type { Scenario } from '../scenario/actions.js'
import { differingGate, differingTable } from './final-state.js'
import { Recorder } from './recorder.js'
import type { Entry } from './recording.js'
import { Replay, type Difference } from './replay.js'
import type { ReplayServers } from './replay-servers.js'

export interface ReplayResult {
  seed: number
  violations: Violation[]
  /** The first one; null: PostgreSQL and Redis did what the recording has, and end with the same rows and gates. */
  difference: Difference | null
  /** The entries before the difference. */
  before: Entry[]
  counts: { calls: number; transactions: number; rolledBack: number; gateCommands: number; redisChanges: number }
}

/** Before a difference. */
const SHOWN_ENTRIES = 3

/** Runs a scenario in the simulation, and what it did at the stores and the gate once more on real servers. */
export async function replayScenario(scenario: Scenario, servers: ReplayServers): Promise<ReplayResult> {
  const recorder = new Recorder()
  const { violations } = await runScenario(scenario, { recorder })
  const { entries } = recorder
  const difference = await replay(recorder, entries, servers)
  return {
    seed: scenario.seed,
    violations,
    difference,
    before: difference ? entries.slice(Math.max(0, difference.entry - SHOWN_ENTRIES), difference.entry + 1) : [],
    counts: countsOf(entries),
  }
}

async function replay(
  recorder: Recorder,
  entries: readonly Entry[],
  servers: ReplayServers,
): Promise<Difference | null> {
  const { database, gate } = await servers.empty(recorder.startMs)
  try {
    const difference = await new Replay(database, gate).run(entries)
    if (difference) return difference
    const final =
      (await differingTable(recorder.database.allTables, database)) ?? (await differingGate(recorder.gates, gate.gate))
    return final && { entry: entries.length, ...final }
  } finally {
    await database.close()
  }
}

function countsOf(entries: readonly Entry[]): ReplayResult['counts'] {
  const count = (matches: (entry: Entry) => boolean) => entries.filter(matches).length
  return {
    calls: count(({ kind }) => kind === 'call'),
    transactions: count(({ kind }) => kind === 'begin'),
    rolledBack: count((entry) => entry.kind === 'end' && !entry.committed),
    gateCommands: count(({ kind }) => kind === 'gate'),
    redisChanges: count(({ kind }) => kind === 'redis'),
  }
}
