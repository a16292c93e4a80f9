import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Logger } from '@nestjs/common'
import { beforeAll, describe, expect, it } from 'vitest'
import { lastHashOf, parsed, recomputed, text, verify } from '../../support/fixtures/proof-records.js'
import { ProofRun } from '../../support/fixtures/proof-run.js'

const RUNS = 100
const STEPS = 40

const records: string[] = []

beforeAll(async () => {
  Logger.overrideLogger(false)
  for (let seed = 1; seed <= RUNS; seed++) {
    const run = new ProofRun(seed)
    await run.perform(STEPS)
    records.push(await run.record())
  }
}, 300_000)

describe('npm run verify', () => {
  it(`accepts ${RUNS} records of events with sales, holds, lost writes, rebalancing and outages`, async () => {
    const refused: string[] = []
    const kinds = new Map<unknown, number>()
    let guaranteed = 0
    let full = 0
    for (const [index, record] of records.entries()) {
      const { code, output } = await verify(record, '--last-hash', lastHashOf(record))
      if (code !== 0) refused.push(`seed ${index + 1}: ${output}`)
      if (/The tightest instant: line/.test(output)) guaranteed += 1
      if (/\b[0-3] free\./.test(output)) full += 1
      for (const { kind } of parsed(record)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    expect(refused).toEqual([])
    // The records are worth a check: all kinds of lines, the guarantee in force, and hardly a unit to spare.
    expect([...kinds.keys()].map(String).toSorted()).toEqual([
      'CANCELLATION',
      'CAPACITY',
      'CAP_CONFIRMED',
      'CAP_FAILED',
      'CAP_WRITE',
      'DESIRED',
      'HOLD',
      'HOLD_ENDED',
      'MOVEMENT',
      'READING',
      'SALE',
      'STARTED',
    ])
    expect(guaranteed).toBeGreaterThan(RUNS * 0.9)
    expect(full).toBeGreaterThan(RUNS * 0.3)
  }, 300_000)

  it('reports the number of lines, the period, the tightest instant, and the hash to compare', async () => {
    const [record = ''] = records
    const lines = parsed(record)
    const { code, output } = await verify(record)
    expect(code).toBe(0)
    expect(output).toContain(`${lines.length} lines of ${String(lines[0]?.event)}, from ${String(lines[0]?.at)} to `)
    expect(output).toMatch(/The tightest instant: line \d+, 2026-\S+Z, \d+ of \d+ units, \d+ free\./)
    expect(output).toContain(`The record is valid up to ${String(lines.at(-1)?.at)}, last hash ${lastHashOf(record)}.`)
    expect(output).toContain("Compare this hash with the one on the event's page")
  })

  it('rejects a line that was dropped, changed, added or moved, each in 20 records', async () => {
    for (const [index, record] of records.slice(0, 20).entries()) {
      const lines = parsed(record)
      const at = 1 + (index % (lines.length - 2))
      const line = lines[at] ?? {}
      const forged = {
        dropped: [lines.toSpliced(at, 1), at + 1],
        changed: [lines.with(at, { ...line, at: '2026-01-01T00:00:00.000Z' }), at + 1],
        'changed with its hash': [
          parsed(recomputed(lines.with(at, { ...line, extra: 1 })))
            .slice(0, at + 1)
            .concat(lines.slice(at + 1)),
          at + 2,
        ],
        added: [lines.toSpliced(at, 0, line), at + 2],
        moved: [lines.with(at, lines[at + 1] ?? {}).with(at + 1, line), at + 1],
      } as const
      for (const [name, [changed, wrong]] of Object.entries(forged)) {
        const { code, output } = await verify(text(changed))
        expect({ name, code, line: /Not valid\. Line (\d+):/.exec(output)?.[1] }).toEqual({
          name,
          code: 1,
          line: `${wrong}`,
        })
      }
    }
  }, 120_000)

  it('rejects a record that was recomputed as a whole, shortened or extended, by the hash that was published', async () => {
    const [record = ''] = records
    const lines = parsed(record)
    const published = lastHashOf(record)
    const hold = lines.findIndex(({ kind }) => kind === 'DESIRED')
    const last = lines.at(-1) ?? {}
    for (const forged of [
      recomputed(lines.with(hold, { ...lines[hold], at: last.at })),
      recomputed(lines.slice(0, -1)),
      recomputed([
        ...lines,
        {
          kind: 'CHANNEL_ATTACHED',
          at: last.at,
          state: {
            id: 'chn_x',
            platform: 'LUMA',
            cap: 1,
            confirmed: false,
            detached: false,
            sold: 0,
            carts: 0,
            open: null,
            uncounted: null,
            uncountedSince: null,
          },
        },
      ]),
    ]) {
      expect((await verify(forged)).code).toBe(0)
      const { code, output } = await verify(forged, '--last-hash', published)
      expect(code).toBe(1)
      expect(output).toMatch(new RegExp(`^Not valid\\. Line \\d+: the last hash is [0-9a-f]{64}, not ${published}`))
    }
  })

  it('rejects recomputed records whose figures are impossible, with the line', async () => {
    const [record = ''] = records
    const lines = parsed(record)
    const sale = lines.findIndex(({ kind }) => kind === 'SALE')
    const [[from, to] = []] = (lines[sale]?.moves ?? []) as [string, string, number][]
    const withLine = (change: object) => recomputed([...lines.slice(0, sale + 1), { ...lines[sale], ...change }])
    for (const [change, reason] of [
      [{ moves: [[to, from, 1]] }, /a SALE takes 1 sold tickets from SOLD:/],
      [{ moves: [['HELD', 'UNALLOCATED', 1_000]] }, /HELD would be -/],
      [{ moves: [['UNALLOCATED', 'SOLD:chn_unknown', 1]] }, /the channel chn_unknown is unknown/],
      [{ moves: [['UNALLOCATED', 'SOLD:DIRECT', -1]] }, /it moves -1 units/],
      [{ kind: 'OTHER' }, /its kind is unknown/],
      [{ moves: undefined }, /undefined/],
    ] as const) {
      const { code, output } = await verify(withLine(change))
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(reason) })
      expect(output).toContain(`Line ${sale + 2}:`)
    }
  })

  it('ends with 2 on wrong usage, and with 1 on a file without a line or with one that is no JSON', async () => {
    const usage = await verify('', '--unknown')
    expect(usage).toMatchObject({ code: 2, output: expect.stringContaining('Usage: npm run verify -- FILE') })
    expect(await verify('')).toMatchObject({ code: 1, output: expect.stringContaining('There is no line') })
    expect(await verify('{"n":1')).toMatchObject({ code: 1, output: expect.stringContaining('Line 1:') })
    const none = await new Promise<number>((resolve) => {
      execFile(process.execPath, ['tools/verify/verify.mjs', join(tmpdir(), 'no-such-proof')], (error) =>
        resolve(Number(error?.code)),
      )
    })
    expect(none).toBe(2)
  })

  it('needs nothing of the service and has at most 300 lines', async () => {
    const source = await readFile('tools/verify/verify.mjs', 'utf8')
    expect(source.split('\n').length - 1).toBeLessThanOrEqual(300)
    for (const [, module] of source.matchAll(/\bfrom '([^']+)'|\bimport\(/g)) expect(module).toMatch(/^node:/)
  })
})
