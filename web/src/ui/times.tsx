import { Text, type TextProps } from '@mantine/core'
import { useSyncExternalStore } from 'react'

let now = Date.now()
const listeners = new Set<() => void>()
setInterval(() => {
  now = Date.now()
  for (const listener of listeners) listener()
}, 1_000)

/** The time, ms; one tick a second for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => now,
  )
}

interface InstantProps extends TextProps {
  at: string | null | undefined
  /** IANA name; the browser's own without. */
  zone?: string | undefined
  seconds?: boolean
}

/** An instant in the event's time zone, with UTC on hover. */
export function Instant({ at, zone, seconds = false, ...text }: InstantProps) {
  if (!at) return <Unknown />
  const format = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium',
    timeStyle: seconds ? 'medium' : 'short',
    ...(zone ? { timeZone: zone } : {}),
  })
  return (
    <Text component="time" inherit {...text} dateTime={at} title={`${at.replace('T', ' ').slice(0, 19)} UTC`}>
      {format.format(new Date(at))}
    </Text>
  )
}

/** "12 s ago", counting on; UTC on hover. */
export function Age({ at, ...text }: { at: string | null | undefined } & TextProps) {
  const now = useNow()
  if (!at) return <Unknown />
  return (
    <Text
      component="time"
      inherit={!text.size}
      {...text}
      dateTime={at}
      title={`${at.replace('T', ' ').slice(0, 19)} UTC`}
    >
      {ago(now - new Date(at).getTime())}
    </Text>
  )
}

/** Time left as m:ss. */
export function Countdown({ until }: { until: string }) {
  // The page's time is up to a second behind: rounded down, no hold shows more than it was given.
  const left = Math.max(0, Math.floor((new Date(until).getTime() - useNow()) / 1_000))
  if (left === 0) return <>expired</>
  return (
    <span title={`${until.replace('T', ' ').slice(0, 19)} UTC`}>
      {Math.floor(left / 60)}:{String(left % 60).padStart(2, '0')}
    </span>
  )
}

/** The time of the numbers next to it. */
export function AsOf({ at }: { at: string | undefined }) {
  return (
    <Text size="xs" c="dimmed" component="span">
      as of <Age at={at} />
    </Text>
  )
}

/** Not known is not 0. */
export function Unknown() {
  return (
    <Text component="span" inherit c="dimmed" fs="italic">
      unknown
    </Text>
  )
}

function ago(ms: number): string {
  return ms < 2_000 ? 'just now' : `${span(ms)} ago`
}

export function span(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 1) return `${Math.round(ms)} ms`
  if (seconds < 10) return `${seconds.toFixed(1).replace('.0', '')} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} days`
}
