import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Lets the servers' own user pass, which is another one when the tests run as root. */
export function passable(directory: string): string {
  chmodSync(directory, 0o755)
  return directory
}

/** A new directory that is gone when the running test has finished. */
export function temporaryDirectory(): string {
  const directory = passable(mkdtempSync(join(tmpdir(), 'traffic-police-')))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
