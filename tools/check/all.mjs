// `npm run check`: every check, the slowest one next to the others. Ends with 1 if one has failed; the others still run.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

const LANES = [['typecheck'], ['format:check', 'lint', 'boundaries', 'words', 'schema:drift', 'dependencies']]

/** Its output is printed as a whole, so that those of two lanes are not mixed. */
async function run(check) {
  const child = spawn('npm', ['run', check], { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  process.stdout.write(out)
  process.stderr.write(err)
  return code === 0 ? [] : [check]
}

async function runLane(checks) {
  const failed = []
  for (const check of checks) failed.push(...(await run(check)))
  return failed
}

const failed = (await Promise.all(LANES.map(runLane))).flat()
for (const check of failed) console.log(`FAILED npm run ${check}`)
process.exitCode = failed.length > 0 ? 1 : 0
