// `npm test [-- <vitest arguments>]`: installs what is missing and runs the tests, without the long and browser suites
// unless `--project` names them. The last line has the counts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { checkNode, ensure, packages, prismaClient, ROOT } from './support/ensure.mjs'

checkNode()
await ensure([packages, prismaClient])

const folder = mkdtempSync(join(tmpdir(), 'traffic-police-results-'))
const results = join(folder, 'results.json')
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`]
const given = process.argv.slice(2)
const projects = given.some((argument) => argument.startsWith('--project'))
  ? []
  : ['--project=unit', '--project=simulated', '--project=integration', '--project=alone']
const vitest = spawn(
  process.execPath,
  [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...projects, ...given],
  { cwd: ROOT, stdio: 'inherit' },
)
// Ctrl-C in the terminal reaches vitest directly, which then stops its servers.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => vitest.kill('SIGTERM'))
const [code, signal] = await once(vitest, 'exit')

const { failures, ...counts } = readResults()
if (code !== 0 && counts.failed === 0) {
  counts.failed = 1
  failures.push('an error outside any test: see "Unhandled Errors" above')
}
// Failures are repeated at the end of the output.
for (const failure of failures) console.log(`FAILED ${failure}`)
if (given.length === 0) {
  console.log(
    'Not run here: npm run test:long, test:chaos (the long suites), test:browser (the dashboard in a browser).',
  )
}
const skipped = counts.skipped ? `, ${counts.skipped} skipped` : ''
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
process.exitCode = counts.failed > 0 || signal ? 1 : 0

function readResults() {
  if (!existsSync(results)) return { passed: 0, failed: 1, skipped: 0, failures: ['no test ran'] }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(results, 'utf8'),
  )
  const failures = []
  for (const { name, status, message, assertionResults } of testResults) {
    const failed = assertionResults.filter((test) => test.status === 'failed')
    const file = relative(ROOT, name)
    for (const test of failed) failures.push(`${file} > ${test.fullName}: ${firstLine(test.failureMessages[0])}`)
    // A file that cannot be loaded has no test results.
    if (status === 'failed' && failed.length === 0) failures.push(`${file}: ${firstLine(message)}`)
  }
  return {
    passed: numPassedTests,
    failed: Math.max(numFailedTests, failures.length),
    skipped: numPendingTests + numTodoTests,
    failures,
  }
}

function firstLine(message = '') {
  return message.split('\n', 1)[0]
}
