// `npm run simulate`: deterministic runs of the production classes on virtual time (docs/testing.md).
import { spawnSync } from 'node:child_process'
import { checkNode, ensure, packages, prismaClient } from './support/ensure.mjs'
import { SOURCE_OPTIONS } from './typescript.mjs'

checkNode()
await ensure([packages, prismaClient])
const { status } = spawnSync(process.execPath, [...SOURCE_OPTIONS, 'simulation/main.ts', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1
