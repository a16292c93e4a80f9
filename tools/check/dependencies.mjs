// `npm run dependencies`: the licences of all packages in package-lock.json, and known vulnerabilities (`npm audit`).
// Findings in accepted-findings.json are accepted; one that is no longer found has to be removed there. Without a
// network the vulnerabilities are reported as not checked, which is no failure. Exit 1 on any other finding.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Licences that permit use and distribution; those of MPL-2.0 and BlueOak-1.0.0 concern the package's own files. */
const PERMITTED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'CC-BY-4.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
])
const AUDIT_TIMEOUT_MS = 60_000
const SEVERITIES = ['moderate', 'high', 'critical']

/** An SPDX expression of AND and OR without nested brackets; a missing one is not permitted. */
export function isPermitted(expression) {
  if (typeof expression !== 'string') return false
  const alternatives = expression.replaceAll(/[()]/g, '').split(/\s+or\s+/i)
  return alternatives.some((alternative) => alternative.split(/\s+and\s+/i).every((name) => PERMITTED.has(name.trim())))
}

/**
 * Packages whose licence is not permitted, as `{name, licence}`. `packages`: of a lock file. Builds of a package for other
 * systems are often listed without a licence: they have that of the package they are optional for.
 */
export function licenceFindings(packages) {
  const findings = new Map()
  for (const [path, { license, link, optional }] of Object.entries(packages)) {
    if (path === '' || link || (optional && license === undefined)) continue
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    if (!isPermitted(license)) findings.set(`${name} ${license}`, { name, licence: license ?? 'none' })
  }
  return [...findings.values()]
}

/** Advisories in a report of `npm audit --json`, as `{id, package, severity, title}`; null: it is not a report. */
export function advisoryFindings(report) {
  if (typeof report?.vulnerabilities !== 'object' || report.vulnerabilities === null) return null
  const found = new Map()
  for (const { name, via } of Object.values(report.vulnerabilities)) {
    for (const cause of via) {
      // Text names another vulnerable package, which is listed itself.
      if (typeof cause === 'string' || !SEVERITIES.includes(cause.severity)) continue
      const id = /GHSA-[\w-]+/.exec(cause.url ?? '')?.[0] ?? String(cause.source)
      found.set(id, { id, package: name, severity: cause.severity, title: cause.title })
    }
  }
  return [...found.values()]
}

/** What is found and not accepted, and what is accepted and not found, as lines. */
export function problems(licences, advisories, accepted) {
  const isAccepted = ({ name, licence }) =>
    accepted.licences.some((one) => one.package === name && one.licence === licence)
  const lines = licences
    .filter((finding) => !isAccepted(finding))
    .map(({ name, licence }) => `licence of ${name}: ${licence}`)
  for (const one of accepted.licences) {
    const isFound = licences.some(({ name, licence }) => name === one.package && licence === one.licence)
    if (!isFound) lines.push(`accepted and not found: licence of ${one.package}`)
  }
  if (advisories === null) return lines
  for (const { id, package: name, severity, title } of advisories) {
    if (!accepted.advisories.some((one) => one.id === id)) lines.push(`${severity}: ${name}, ${title} (${id})`)
  }
  for (const { id } of accepted.advisories) {
    if (!advisories.some((one) => one.id === id)) lines.push(`accepted and not found: ${id}`)
  }
  return lines
}

/** Null: the vulnerabilities could not be read. */
function audit() {
  const { stdout, error } = spawnSync('npm', ['audit', '--json'], {
    encoding: 'utf8',
    timeout: AUDIT_TIMEOUT_MS,
    shell: process.platform === 'win32',
  })
  if (error) return null
  try {
    return advisoryFindings(JSON.parse(stdout))
  } catch {
    return null
  }
}

function main() {
  const read = (path) => JSON.parse(readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8'))
  const { packages } = read('../../package-lock.json')
  const advisories = audit()
  if (advisories === null) console.error('Vulnerabilities: NOT CHECKED, the package registry is not reachable.')
  const lines = problems(licenceFindings(packages), advisories, read('./accepted-findings.json'))
  for (const line of lines) console.error(line)
  if (lines.length > 0) console.error('Correct them, or add them to tools/check/accepted-findings.json with a reason.')
  else console.log(`Licences of ${Object.keys(packages).length - 1} packages are permitted or accepted.`)
  process.exitCode = lines.length > 0 ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
