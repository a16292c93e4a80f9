import { scenarioOf } from '../scenario/generate.js'
import { textOf } from './plain-values.js'
import { replayScenario, type ReplayResult } from './replay-scenario.js'
import { withEmbeddedServers } from './replay-servers.js'

const PROGRESS_SEEDS = 10
const SHOWN_CHARACTERS = 300

/** Runs these seeds and replays each on servers of its own. Returns whether all of them ended as recorded. */
export async function replaySeeds(seeds: readonly number[], print: (line: string) => void): Promise<boolean> {
  const failed: number[] = []
  const total: Record<string, number> = {}
  await withEmbeddedServers(async (servers) => {
    for (const [index, seed] of seeds.entries()) {
      const result = await replayScenario(scenarioOf(seed), servers)
      for (const [what, count] of Object.entries(result.counts)) total[what] = (total[what] ?? 0) + count
      if (result.difference || result.violations.length > 0) {
        failed.push(seed)
        print(replayReport(result))
      }
      if ((index + 1) % PROGRESS_SEEDS === 0) print(`${index + 1} seeds, ${failed.length} failed`)
    }
  })
  const parts = Object.entries(total).map(([what, count]) => `${count} ${what}`)
  print(`replayed on PostgreSQL and Redis: ${parts.join(', ')}`)
  print(`${seeds.length - failed.length} passed, ${failed.length} failed`)
  return failed.length === 0
}

export function replayReport({ seed, violations, difference, before }: ReplayResult): string {
  const lines = violations.map(({ invariant, detail }) => `FAILED seed ${seed}: ${invariant}: ${detail}`)
  if (!difference) return lines.join('\n')
  const { entry, what, recorded, real } = difference
  return [
    ...lines,
    ...before.map((earlier) => `  ${textOf(earlier).slice(0, SHOWN_CHARACTERS)}`),
    `FAILED seed ${seed} differs at entry ${entry}: ${what}`,
    `  in memory: ${recorded}`,
    `  on servers: ${real}`,
  ].join('\n')
}
