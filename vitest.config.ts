import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { simulatedTests } from './test/support/setup/simulated-tests.js'

// These change process-wide state: the logger, tracing, loaded modules.
const ALONE = [
  'test/integration/http/logs.test.ts',
  'test/integration/guards-off/*.test.ts',
  'test/e2e/tracing*.test.ts',
]

/** As long as several others: one that is started last would run alone on an idle machine. */
const LONGEST = ['real-limits', 'reconciliation/orders', 'cli/cli', 'fuzz', 'cli/connections', 'replay'].map(
  (name) => `test/long/${name}.test.ts`,
)

const SIMULATED = simulatedTests()

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLongest = ({ moduleId }: TestSpecification) => LONGEST.some((file) => moduleId.endsWith(file))
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))]
  }
}

export default defineConfig({
  // Packages of this project run from their source, as everything else.
  resolve: { alias: { '#embedded-services': resolve('packages/embedded-services/index.ts') } },
  test: {
    // On two cores: each of them waits for its servers half of the time.
    maxWorkers: 3,
    setupFiles: ['test/support/setup/property-seed.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // Fast feedback: no port, no process, no long calculation.
        extends: true,
        test: {
          name: 'unit',
          include: ['src', 'simulators', 'simulation', 'bench', 'test/support'].map(
            (folder) => `${folder}/**/*.test.ts`,
          ),
          exclude: SIMULATED,
          setupFiles: ['test/support/setup/no-servers.ts'],
          pool: 'forks',
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'simulated',
          include: [...SIMULATED, 'test/conformance/**/*.test.ts'],
          pool: 'forks',
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          exclude: ALONE,
          globalSetup: ['test/support/setup/servers.ts'],
          pool: 'forks',
          // Loading the service takes longer than most of these files run.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          globalSetup: ['test/support/setup/servers.ts'],
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Commands and servers as processes, outages, and tests that wait for real time: most of it leaves the processor idle.
        extends: true,
        test: {
          name: 'long',
          maxWorkers: 4,
          include: ['test/long/**/*.test.ts'],
          globalSetup: ['test/support/setup/servers.ts'],
          pool: 'forks',
          isolate: false,
          // A small budget of a platform may have to refill.
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Heavy load: one file at a time.
        extends: true,
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          globalSetup: ['test/support/setup/servers.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 60_000,
        },
      },
      {
        // A page waits for the service most of the time.
        extends: true,
        test: {
          name: 'browser',
          maxWorkers: 2,
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/support/setup/servers.ts', 'test/browser/page-built.ts'],
          pool: 'forks',
          isolate: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
