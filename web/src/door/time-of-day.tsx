/** When something happened, in the event's time zone; with the date on hover. */
export function TimeOfDay({ at, zone }: { at: string; zone: string }) {
  const format = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone: zone,
  })
  return (
    <time dateTime={at} title={`${at.replace('T', ' ').slice(0, 19)} UTC`}>
      {format.format(new Date(at))}
    </time>
  )
}
