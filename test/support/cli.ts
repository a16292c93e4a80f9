import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { passable } from './directories.js'

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
  /** The document on standard output; throws when it is not JSON. */
  json(): unknown
}

export type RunCli = (...words: string[]) => Promise<Ran>

/** Runs the compiled ops CLI with these variables and no others of ours, not on a terminal. */
export function cliWith(env: Record<string, string>): RunCli {
  const { PATH = '', HOME = '' } = process.env
  return async (...words) => {
    const child = spawn(process.execPath, ['dist/cli.js', ...words], {
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ])
    return { code, stdout, stderr, json: () => JSON.parse(stdout) as unknown }
  }
}

/** An empty data directory that servers may use. */
export function newDataDir(): string {
  return passable(mkdtempSync(join(tmpdir(), 'traffic-police-cli-')))
}
