import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MODULE = join(import.meta.dirname, 'stop-on-signals.ts')

let folder: string

beforeAll(() => {
  // Inside the project, so that the process resolves its packages.
  folder = mkdtempSync(join(import.meta.dirname, '../../../node_modules/.stop-'))
  const { outputText } = ts.transpileModule(readFileSync(MODULE, 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  })
  writeFileSync(join(folder, 'stop.mjs'), outputText)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a process that calls `stop` on signals, sends them once it is up, and resolves with its exit code and output. */
async function run(stop: string, signals: NodeJS.Signals[]): Promise<{ code: number | null; output: string }> {
  const script = `
    import { stopOnSignals } from ${JSON.stringify(join(folder, 'stop.mjs'))}
    stopOnSignals(${stop}, 300)
    setInterval(() => {}, 1000)
    console.log('up')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: folder })
  let output = ''
  child.stderr.on('data', (data) => (output += String(data)))
  child.stdout.on('data', (data) => {
    if (!output.includes('up\n') && String(data).includes('up\n')) for (const signal of signals) child.kill(signal)
    output += String(data)
  })
  return new Promise((resolve) => child.on('exit', (code) => resolve({ code, output })))
}

describe('stopOnSignals', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('exits with 0 after %s, once everything is stopped', async (signal) => {
    const stop = `async () => { await new Promise((r) => setTimeout(r, 50)); console.log('stopped') }`
    const { code, output } = await run(stop, [signal])
    expect(code).toBe(0)
    expect(output).toContain('stopped')
  })

  it('stops once when several signals arrive', async () => {
    const stop = `async () => { await new Promise((r) => setTimeout(r, 100)); console.log('stopped') }`
    const { code, output } = await run(stop, ['SIGINT', 'SIGTERM', 'SIGINT'])
    expect(code).toBe(0)
    expect(output.match(/stopped/g)).toHaveLength(1)
  })

  it('exits with 1 when stopping fails or times out', async () => {
    expect((await run(`async () => { throw new Error('no') }`, ['SIGTERM'])).code).toBe(1)
    const hung = await run('() => new Promise(() => {})', ['SIGTERM'])
    expect(hung.code).toBe(1)
    expect(hung.output).toContain('Not stopped within 300 ms')
  })
})
