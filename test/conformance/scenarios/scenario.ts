import { Bench, type AdapterParts, type Stage, type Wrap } from '../adapter-under-test.js'

/** One test of the suite; it throws a ContractViolation. The listing's capacity is 20 unless another is given. */
export interface Scenario {
  name: string
  capacity?: number | null
  parts?: Partial<AdapterParts>
  run(bench: Bench): Promise<void>
}

export const unchanged: Wrap = (adapter) => adapter

/** Runs a scenario on a new listing, and leaves the simulator as it was. */
export async function runScenario(stage: Stage, scenario: Scenario, wrap: Wrap = unchanged): Promise<void> {
  const { simulator } = stage
  const toggles = { ...simulator.toggles.current }
  const knobs = { ...simulator.knobs.current }
  const bench = new Bench(stage, wrap, scenario.capacity, scenario.parts)
  try {
    await scenario.run(bench)
  } finally {
    await bench.settle()
    bench.close()
    simulator.toggles.patch(toggles)
    simulator.knobs.patch(knobs)
  }
}
