import { readFile, readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { gzip } from 'node:zlib'
import { Injectable } from '@nestjs/common'
import { Unavailable } from '../domain/errors.js'

/** One file of the built page, ready to be sent. */
export interface PageFile {
  type: string
  body: Buffer
  /** Null: packing gains nothing. */
  gzipped: Buffer | null
}

/** The same place whether the service runs compiled or from its sources. */
const BUILT = fileURLToPath(new URL('../../web/dist/', import.meta.url))
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
const PACKED = /\.(html|js|css|svg)$/

/** The built page, read once and kept: it is small, and names that were not built cannot be asked for. */
@Injectable()
export class PageFiles {
  private files: Promise<ReadonlyMap<string, PageFile>> | null = null

  /** `index.html` and `assets/…`. Null: no such file. Throws Unavailable when the page was never built. */
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
  const assets = await readdir(join(BUILT, 'assets'))
  const names = ['index.html', ...assets.map((name) => `assets/${name}`)]
  return new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const)))
}

async function read(name: string): Promise<PageFile> {
  const body = await readFile(join(BUILT, name))
  const gzipped = PACKED.test(name) ? await promisify(gzip)(body, { level: 9 }) : null
  return { type: TYPES[extname(name)] ?? 'application/octet-stream', body, gzipped }
}
