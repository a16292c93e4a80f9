import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Replaces a file in one step; only its owner can read it. */
export function writePrivateFile(file: string, content: string): void {
  const draft = `${file}.${process.pid}.new`
  writeFileSync(draft, content, { mode: 0o600 })
  renameSync(draft, file)
}

/** The secret kept in a file; made at the first call. 48 hex digits. */
export function secretFrom(file: string): string {
  if (!existsSync(file)) writePrivateFile(file, randomBytes(24).toString('hex'))
  return readFileSync(file, 'utf8').trim()
}

/** Makes a directory that other users may pass through, but only if it does not exist yet. */
export function makePassable(directory: string): void {
  if (existsSync(directory)) return
  mkdirSync(directory, { recursive: true })
  chmodSync(directory, 0o755)
}
