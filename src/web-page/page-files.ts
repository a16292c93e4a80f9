import { readFile, readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { gzip } from 'node:zlib'
import { Injectable } from '@nestjs/common'
import { Unavailable } from '../domain/errors.js'

/** One file of the built page. */
export interface PageFile {
  type: string
  body: Buffer
  /** Null: not worth compressing. */
  gzipped: Buffer | null
}

/** The same path whether the service runs compiled or from sources. */
const BUILT = fileURLToPath(new URL('../../web/dist/', import.meta.url))
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}
const COMPRESSIBLE = /\.(html|js|css|svg|wasm|webmanifest)$/
const FOLDERS = ['assets', 'door']
const PAGES = ['index.html', 'door.html']

/**
 * The built page, read once and cached: it is small, and only names of built files can be requested. Not @fastify/static,
 * which opens files by the requested path and sends compressed only what the build has compressed.
 */
@Injectable()
export class PageFiles {
  private files: Promise<ReadonlyMap<string, PageFile>> | null = null

  /** The pages, `assets/…` and `door/…`. Null: no such file. Throws Unavailable when the page is not built. */
  async get(name: string): Promise<PageFile | null> {
    this.files ??= load()
    try {
      return (await this.files).get(name) ?? null
    } catch (error) {
      this.files = null
      throw new Unavailable('The dashboard is not built. Run `npm run build`.', { cause: error })
    }
  }
}

async function load(): Promise<ReadonlyMap<string, PageFile>> {
  const listed = await Promise.all(
    FOLDERS.map(async (folder) => {
      return (await readdir(join(BUILT, folder))).map((name) => `${folder}/${name}`)
    }),
  )
  const names = [...PAGES, ...listed.flat()]
  return new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const)))
}

async function read(name: string): Promise<PageFile> {
  const body = await readFile(join(BUILT, name))
  const gzipped = COMPRESSIBLE.test(name) ? await promisify(gzip)(body, { level: 9 }) : null
  return { type: TYPES[extname(name)] ?? 'application/octet-stream', body, gzipped }
}
