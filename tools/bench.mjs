// `npm run bench [-- gate|webhooks|holds|caps|pause|limits|reconcile|attacks|orders|reads]`: benchmarks as ratios to a named reference or limit, one run each.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkNode, ROOT } from './support/ensure.mjs'

checkNode()
const { build } = await import('./build.mjs')
await build()
const selected = process.argv.slice(2)
for (const name of selected.length > 0
  ? selected
  : ['gate', 'webhooks', 'holds', 'caps', 'pause', 'limits', 'reconcile', 'attacks', 'orders', 'reads']) {
  const file = join(ROOT, 'bench', `${name}.ts`)
  if (!existsSync(file)) {
    console.error(`There is no benchmark called ${name}.`)
    process.exit(2)
  }
  const { status } = spawnSync(process.execPath, ['--import', join(ROOT, 'tools/typescript.mjs'), file], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
