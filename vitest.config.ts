import { defineConfig } from 'vitest/config'

// A shared CI machine may stand still for a moment; what fails twice in a row is broken.
const retry = process.env.CI ? 1 : 0

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'simulators/**/*.test.ts', 'test/unit/**/*.test.ts'],
          pool: 'forks',
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/servers.ts'],
          pool: 'forks',
          retry,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Long, and hard on the machine: one file at a time.
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          globalSetup: ['test/support/servers.ts'],
          pool: 'forks',
          fileParallelism: false,
          retry,
          testTimeout: 240_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/support/servers.ts', 'test/browser/page-built.ts'],
          pool: 'forks',
          fileParallelism: false,
          retry,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
