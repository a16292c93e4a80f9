// `npm run lab`: what the rebalancing policy sells, against rivals and a clairvoyant, on virtual time (docs/testing.md).
import { spawnSync } from 'node:child_process'
import { checkNode, ensure, packages, prismaClient } from './support/ensure.mjs'
import { SOURCE_OPTIONS } from './typescript.mjs'

checkNode()
await ensure([packages, prismaClient])
const { status } = spawnSync(process.execPath, [...SOURCE_OPTIONS, 'bench/lab/run.ts', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1
