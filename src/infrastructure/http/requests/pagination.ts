import type { Type } from '@nestjs/common'
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Type as Convert } from 'class-transformer'
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator'
import { ValidationFailed } from '../../../domain/errors.js'
import { Optional } from './optional.js'

/** The query of every list. */
export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  @Optional()
  @Convert(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20

  @ApiPropertyOptional({ description: 'The `nextCursor` of the previous page.' })
  @Optional()
  @IsString()
  @MaxLength(200)
  cursor?: string
}

export interface Page<T> {
  items: T[]
  /** Cursor of the next page; null on the last one. */
  nextCursor: string | null
}

/**
 * The id after which the page starts; undefined on the first page. `shape` matches the ids of this list.
 * Throws ValidationFailed on `cursor` for anything that is not a cursor of this list.
 */
export function readCursor(
  cursor: string | undefined,
  shape: RegExp = /^[a-z]{2,8}_[0-9a-f]{32}$/,
): string | undefined {
  if (cursor === undefined) return undefined
  const id = Buffer.from(cursor, 'base64url').toString('utf8')
  if (!shape.test(id) || writeCursor(id) !== cursor) throw ValidationFailed.of('cursor', 'is not a cursor of this list')
  return id
}

/** Like `readCursor`, for lists with numeric ids. */
export function readNumberCursor(cursor: string | undefined): bigint | undefined {
  const text = readCursor(cursor, /^\d{1,18}$/)
  return text === undefined ? undefined : BigInt(text)
}

/**
 * Prisma arguments for one page, newest first, by a text id. They fetch one row more than `limit`, so that `toPage`
 * knows whether there is a next page.
 */
export function pageArgs(query: PageQuery): { take: number; orderBy: { id: 'desc' }; where: { id?: { lt: string } } } {
  const after = readCursor(query.cursor)
  return { take: query.limit + 1, orderBy: { id: 'desc' }, where: after === undefined ? {} : { id: { lt: after } } }
}

/** Creates a page of up to `limit` items from up to `limit + 1` rows in order. */
export function toPage<Row extends { id: string | bigint }, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(toItem),
    nextCursor: rows.length > limit && last ? writeCursor(String(last.id)) : null,
  }
}

/** A case-insensitive Prisma filter for texts that contain `part`; `LIKE` wildcards in it are escaped. */
export function containsText(part: string): { contains: string; mode: 'insensitive' } {
  return { contains: part.replaceAll(/[\\%_]/g, String.raw`\$&`), mode: 'insensitive' }
}

/** The OpenAPI schema of a page of `item`. */
export function PageOf<T>(item: Type<T>): Type<Page<T>> {
  class ItemPage {
    @ApiProperty({ type: [item] })
    items!: T[]

    @ApiProperty({ type: String, nullable: true })
    nextCursor!: string | null
  }
  Object.defineProperty(ItemPage, 'name', { value: `${item.name}Page` })
  return ItemPage
}

function writeCursor(id: string): string {
  return Buffer.from(id).toString('base64url')
}
