import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Replaces a file atomically; only its owner can read it. */
export function writePrivateFile(file: string, content: string): void {
  const draft = `${file}.${process.pid}.new`
  writeFileSync(draft, content, { mode: 0o600 })
  renameSync(draft, file)
}

/** The secret in a file, 48 hex digits; generated at the first call. */
export function readOrCreateSecret(file: string): string {
  if (!existsSync(file)) writePrivateFile(file, randomBytes(24).toString('hex'))
  return readFileSync(file, 'utf8').trim()
}

/** Creates a directory that other users can traverse, if it does not exist yet. */
export function makeTraversable(directory: string): void {
  if (existsSync(directory)) return
  mkdirSync(directory, { recursive: true })
  chmodSync(directory, 0o755)
}
