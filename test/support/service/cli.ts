import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { makeReadable } from '../servers/directories.js'

export interface CliResult {
  code: number | null
  stdout: string
  stderr: string
  /** The document on standard output; throws when it is not JSON. */
  json(): unknown
}

export type RunCli = (...args: string[]) => Promise<CliResult>

/** Runs the compiled CLI with only these environment variables (and PATH, HOME), without a terminal. `input`: its standard input. */
export function cliWith(env: Record<string, string>, input?: string): RunCli {
  const { PATH = '', HOME = '' } = process.env
  return async (...args) => {
    const child = spawn(process.execPath, ['dist/cli.js', ...args], {
      env: { PATH, HOME, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    // A command that reads nothing may end first.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ])
    return { code, stdout, stderr, json: () => JSON.parse(stdout) as unknown }
  }
}

/** An empty data directory that the embedded servers can use. */
export function newDataDir(): string {
  return makeReadable(mkdtempSync(join(tmpdir(), 'traffic-police-cli-')))
}
