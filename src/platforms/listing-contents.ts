/** What a listing shows besides its tickets. Null: the platform does not show it. */
export interface ListingContents {
  title: string | null
  startsAt: Date | null
  endsAt: Date | null
  /** IANA name. */
  timezone: string | null
  /** Name of the place. */
  venue: string | null
}

/** The fields that may be written. */
export const WRITABLE_FIELDS = ['title', 'startsAt', 'endsAt'] as const
export type WritableField = (typeof WRITABLE_FIELDS)[number]

/** Absent: unchanged. */
export interface ContentsChange {
  title?: string
  startsAt?: Date
  endsAt?: Date
}

/** What a platform's API can change of a listing besides its tickets. */
export interface ContentsTraits {
  readonly writable: readonly WritableField[]
  /** For staff: how a person changes the other fields, and what a write causes besides. */
  readonly instructions: string
  /** Absent: no limit that is known. */
  readonly maxTitleLength?: number
  /** Whether its API cancels a listing. */
  readonly canCancel: boolean
  /** For staff: what cancelling does there, or how a person does it. */
  readonly cancelInstructions: string
}
