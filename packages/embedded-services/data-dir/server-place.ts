import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeTraversable, readOrCreateSecret, writePrivateFile } from './private-file.js'
import { ownerOf, serverHome, serverUser } from './server-user.js'
import type { ServerUser } from './server-user.js'

/** It becomes a part of paths and, with underscores, the name of a database. */
const NAME = /^[a-z][a-z0-9-]{0,39}$/

export type ServerName = 'postgres' | 'redis'

/** The environment of the servers of one data directory. */
export interface ServerPlace {
  /** Of the application: the database and the container are called after it. */
  name: string
  /** Holds the servers' own files; accessible to their user. */
  home: string
  /** Holds downloaded programs; may be shared by several data directories. */
  programs: string
  user: ServerUser | null
  /** False (tests): data need not survive a crash of the machine. */
  durable: boolean
  /** Aborted when the servers must stop. */
  signal: AbortSignal
  log(line: string): void
  /** The content of a secret file in the data directory, generated at the first call. */
  secret(file: string): string
  /** The port of the last start, so that addresses rarely change; 0 if there was none. */
  lastPort(server: ServerName): number
  savePort(server: ServerName, port: number): void
}

export interface PlaceOptions {
  /** Of the application: lower-case letters, digits and hyphens. */
  name: string
  /** Created if missing. */
  dataDir: string
  /** Where downloaded programs are cached; null: in the data directory. */
  programsDir: string | null
  durable: boolean
  signal: AbortSignal
  log: (line: string) => void
}

/** Throws when the name is invalid or no user that may run the servers can reach a directory. */
export function serverPlace({ name, dataDir, programsDir, durable, signal, log }: PlaceOptions): ServerPlace {
  if (!NAME.test(name)) throw new Error(`${name} is no name of lower-case letters, digits and hyphens`)
  makeTraversable(dataDir)
  const candidate = serverUser()
  const home = serverHome(dataDir, candidate, name)
  const user = candidate && ownerOf(join(home, 'postgres'), candidate)
  const portFile = (server: ServerName) => join(dataDir, `${server}.port`)
  return {
    name,
    home,
    programs: programsDir ? serverHome(resolve(programsDir), user, name) : home,
    user,
    durable,
    signal,
    log,
    secret: (file) => readOrCreateSecret(join(dataDir, file)),
    lastPort: (server) => (existsSync(portFile(server)) ? Number(readFileSync(portFile(server), 'utf8')) || 0 : 0),
    savePort: (server, port) => writePrivateFile(portFile(server), String(port)),
  }
}
