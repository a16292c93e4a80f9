import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  advisoryFindings,
  isPermitted,
  licenceFindings,
  problems,
  type Accepted,
} from '../../../tools/check/dependencies.mjs'

const NONE = { licences: [], advisories: [] }

describe('The check of dependencies', () => {
  it.each(['MIT', '(MIT OR GPL-3.0)', 'Apache-2.0 AND MIT', 'MIT and ISC'])('permits %s', (licence) => {
    expect(isPermitted(licence)).toBe(true)
  })

  it.each(['GPL-3.0', 'Apache-2.0 AND GPL-3.0', 'SEE LICENSE IN x', '', undefined])('does not permit %s', (licence) => {
    expect(isPermitted(licence)).toBe(false)
  })

  it('finds packages without a permitted licence, except builds for other systems', () => {
    const found = licenceFindings({
      '': { license: 'Proprietary' },
      'node_modules/good': { license: 'MIT' },
      'node_modules/good/node_modules/@a/bad': { license: 'AGPL-3.0' },
      'node_modules/unknown': {},
      'node_modules/good-darwin-x64': { optional: true },
    })
    expect(found).toEqual([
      { name: '@a/bad', licence: 'AGPL-3.0' },
      { name: 'unknown', licence: 'none' },
    ])
    expect(problems(found, [], NONE)).toEqual(['licence of @a/bad: AGPL-3.0', 'licence of unknown: none'])
  })

  it('reads advisories of a report, and nothing from the error of an unreachable registry', () => {
    const url = 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc'
    const vulnerabilities = {
      one: { name: 'one', via: [{ source: 7, url, severity: 'high', title: 'Runs commands' }] },
      two: { name: 'two', via: ['one', { source: 8, url: '', severity: 'low', title: 'Slow' }] },
    }
    const found = advisoryFindings({ vulnerabilities })
    const id = 'GHSA-aaaa-bbbb-cccc'
    expect(found).toEqual([{ id, package: 'one', severity: 'high', title: 'Runs commands' }])
    expect(problems([], found, NONE)).toEqual([`high: one, Runs commands (${id})`])
    expect(problems([], found, { ...NONE, advisories: [{ id, reason: 'not used' }] })).toEqual([])
    expect(advisoryFindings({ message: 'request failed', error: {} })).toBeNull()
  })

  it('reports what is accepted and no longer found', () => {
    const accepted = {
      licences: [{ package: 'gone', licence: 'EPL-2.0', reason: 'x' }],
      advisories: [{ id: 'GHSA-old', reason: 'x' }],
    }
    expect(problems([], [], accepted)).toEqual([
      'accepted and not found: licence of gone',
      'accepted and not found: GHSA-old',
    ])
    expect(problems([], null, { ...accepted, licences: [] })).toEqual([])
  })

  it('accepts what is installed', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, object>
    }
    const accepted = JSON.parse(readFileSync('tools/check/accepted-findings.json', 'utf8')) as Accepted
    expect(problems(licenceFindings(packages), null, accepted)).toEqual([])
  })
})
