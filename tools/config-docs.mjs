// `npm run config:docs`: writes docs/configuration.md and .env.example from the schema of the configuration.
import './typescript.mjs'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './support/ensure.mjs'

const { referenceFiles } = await import('../src/infrastructure/config/reference/files.ts')

for (const [path, content] of referenceFiles()) {
  writeFileSync(join(ROOT, path), content)
  console.log(`${path} written`)
}
