import { scenarioOf } from '../scenario/generate.js'
import { runScenario } from './run-scenario.js'
import { WORKING } from './worker-process.js'

/** Runs the seeds that it is sent, one after another. */
process.on('message', (seed: number) => {
  runScenario(scenarioOf(seed), { onProgress: () => void process.send?.(WORKING) }).then(
    (result) => process.send?.({ ...result, tail: [] }),
    (error: unknown) => {
      console.error(`seed ${seed}:`, error)
      process.exit(1)
    },
  )
})
