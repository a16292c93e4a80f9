import { Instant } from '../ui/times'
import type { Listing } from './choice'

/** In the time zone of the listing, which is named: that of another one may differ. */
export function ListingStart({ listing: { startsAt, timezone } }: { listing: Listing }) {
  if (startsAt === null) return <>no date</>
  return (
    <>
      <Instant at={startsAt} zone={timezone ?? undefined} />
      {timezone ? ` (${timezone})` : ''}
    </>
  )
}
