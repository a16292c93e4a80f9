import type { Platform } from '../domain/channel.js'
import {
  WRITABLE_FIELDS,
  type ContentsChange,
  type ListingContents,
  type WritableField,
} from '../platforms/listing-contents.js'
import { traitsOf } from '../platforms/registry.js'
import type { ContentsTask } from '../channels/contents/contents-store.js'

/** The fields that the API of a platform writes. */
export function fieldsByApi(platform: Platform): readonly WritableField[] {
  return traitsOf(platform).contents.writable
}

/** The fields of a request. */
export function fieldsOf(task: ContentsTask | null): WritableField[] {
  return task?.kind === 'WRITE' ? WRITABLE_FIELDS.filter((field) => task[field] !== undefined) : []
}

/** The requested values of some fields. */
export function changeOf(task: ContentsTask | null, fields: readonly WritableField[]): ContentsChange {
  if (task?.kind !== 'WRITE') return {}
  const { title, startsAt, endsAt } = task
  return {
    ...(title !== undefined && fields.includes('title') ? { title } : {}),
    ...(startsAt !== undefined && fields.includes('startsAt') ? { startsAt: new Date(startsAt) } : {}),
    ...(endsAt !== undefined && fields.includes('endsAt') ? { endsAt: new Date(endsAt) } : {}),
  }
}

/** What a listing shows instead of what was written; null: it shows that. Platforms cut seconds off. */
export function unlikeRequested(change: ContentsChange, shown: ListingContents): string | null {
  const unlike = WRITABLE_FIELDS.filter((field) => {
    const requested = change[field]
    return requested !== undefined && comparable(requested) !== comparable(shown[field])
  })
  return unlike.length === 0
    ? null
    : `the listing still shows another ${unlike.map((field) => WORDS[field]).join(', ')}`
}

export const WORDS: Readonly<Record<WritableField, string>> = { title: 'title', startsAt: 'start', endsAt: 'end' }

function comparable(value: string | Date | null): string | number | null {
  if (value instanceof Date) return Math.floor(value.getTime() / 1_000)
  return value === null ? null : value.trim()
}
