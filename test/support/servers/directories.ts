import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Makes the directory readable for the servers' user, which is another one if the tests run as root. */
export function makeReadable(directory: string): string {
  chmodSync(directory, 0o755)
  return directory
}

/** Creates a directory that is removed at the end of the current test. */
export function temporaryDirectory(): string {
  const directory = makeReadable(mkdtempSync(join(tmpdir(), 'traffic-police-')))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
