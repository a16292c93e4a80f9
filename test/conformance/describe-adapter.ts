import { afterAll, beforeAll, describe, it } from 'vitest'
import { Bench, openStage, type AdapterUnderTest, type Stage } from './adapter-under-test.js'
import { requireUsableDeliveries } from './scenarios/deliveries.js'
import { FAULT_TESTS } from './scenarios/faults.js'
import { runScenario, unchanged } from './scenarios/scenario.js'
import { SCENARIOS, toggleScenario } from './scenarios/listings.js'

/** The suite that every platform adapter passes against its simulator, over real HTTP. */
export function describeAdapter(subject: AdapterUnderTest): void {
  describe(`the adapter for ${subject.name}`, () => {
    let stage: Stage
    beforeAll(async () => {
      stage = await openStage(subject)
    })
    afterAll(() => stage.simulator.close())

    it.each(SCENARIOS)('$name', (scenario) => runScenario(stage, scenario))

    describe('keeps its contract when', () => {
      it.each(FAULT_TESTS)('$name', (test) => test.run((scenario) => runScenario(stage, scenario)))
    })

    it('understands the webhooks of its platform, and no others', async () => {
      const { listings, deliveries } = stage.simulator
      deliveries.hold()
      const bench = new Bench(stage, unchanged)
      const webhookSecret = listings.subscribe(bench.ref, subject.webhookUrl)
      const informed = new Bench(stage, unchanged, 20, { webhookSecret })
      const [orderId = ''] = bench.sell(2)
      requireUsableDeliveries(bench, informed.adapter, orderId)
      bench.close()
      informed.close()
    })
  })

  it(`the adapter for ${subject.name} keeps its contract with every undocumented behaviour`, async () => {
    const stage = await openStage(subject)
    const options = Object.entries(stage.simulator.toggles.options())
    for (const [name, [, ...values]] of options) {
      for (const value of values) {
        const setting = `${name}=${String(value)}`
        const scenario = toggleScenario(name, value, {
          listIsReadable: !subject.unreadableWith?.includes(setting),
          capsTickets: !subject.capsOrdersWith?.includes(setting),
        })
        await runScenario(stage, scenario).catch((error: unknown) => {
          if (error instanceof Error) error.message += ` (with ${scenario.name})`
          throw error
        })
      }
    }
    await stage.simulator.close()
  })
}
