import { describe, expect, it, vi } from 'vitest'
import { forgeries } from '../../test/support/fixtures/proof-records.js'
import { verify } from '../../tools/verify/verify.mjs'
import { runScenario } from '../run/run-scenario.js'
import { scenarioOf } from '../scenario/generate.js'
import { World } from '../world/world.js'
import { proofOf } from './proof.js'

/** The last one has a sale that was recorded before the cancellations that made room for it. */
const SEEDS = [11, 141]
/** Forged lines per record, spread over it. */
const FORGED_LINES = 4

async function recordsOf(seed: number) {
  const create = vi.spyOn(World, 'create')
  const { violations } = await runScenario(scenarioOf(seed))
  const world = await create.mock.results[0]?.value
  create.mockRestore()
  expect(violations).toEqual([])
  return (world as World).events
    .filter(({ changedManually }) => !changedManually)
    .map(({ id }) => proofOf(world as World, id))
}

const outcomeOf = (record: string, lastHash?: string) =>
  verify(record.trimEnd().split('\n'), lastHash).then(
    () => 'accepted',
    (error: unknown) => String(error),
  )

describe('the verifier, on records of simulated runs', { timeout: 300_000 }, () => {
  it('accepts each, and rejects it with a line dropped, changed, added or moved, or with all hashes recomputed', async () => {
    let records = 0
    for (const seed of SEEDS) {
      for (const { lines, lastHash } of await recordsOf(seed)) {
        const record = lines.join('\n')
        records += 1
        expect(await outcomeOf(record, lastHash)).toBe('accepted')
        for (let part = 0; part < FORGED_LINES; part++) {
          const index = 1 + Math.floor((part * (lines.length - 2)) / FORGED_LINES)
          for (const { kind, forged, wrong } of forgeries(record, index)) {
            const expected = wrong === null ? /Line \d+: / : new RegExp(`Line ${wrong}: its `)
            expect({ kind, index, outcome: await outcomeOf(forged, lastHash) }).toEqual({
              kind,
              index,
              outcome: expect.stringMatching(expected),
            })
          }
        }
      }
    }
    expect(records).toBeGreaterThanOrEqual(SEEDS.length)
  })
})
