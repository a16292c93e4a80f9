import { useAlerts, useEventsWithTasks, usePendingReleases } from '../api/queries'
import { useMay } from '../api/session'
import { count } from '../ui/count'
import { labelOf } from '../ui/labels'
import { linkTo } from '../ui/route'

/** Something that a person has to attend to now, with the place where it is decided. */
export interface AttentionItem {
  key: string
  text: string
  href: string
  /** Tickets are at risk, nothing is sold, or it is overdue. */
  urgent: boolean
}

/**
 * Where the items come from, the most urgent source first. A new source is a hook in this list.
 * Its order never changes while the page lives, as React requires of hooks.
 */
const SOURCES: readonly (() => AttentionItem[])[] = [useAlertItems, useTaskItems, useReleaseItems]

export function useAttention(): AttentionItem[] {
  return SOURCES.flatMap((useItems) => useItems()).toSorted((a, b) => Number(b.urgent) - Number(a.urgent))
}

const URGENT = new Set(['OVERSOLD', 'NOT_CLOSED', 'FAIL_SAFE', 'RED_ALARM'])

/** One item per kind. A kind that concerns one event leads to it. */
function useAlertItems(): AttentionItem[] {
  const alerts = useAlerts().data?.items ?? []
  return [...new Set(alerts.map(({ kind }) => kind))].map((kind) => {
    const own = alerts.filter((alert) => alert.kind === kind)
    const events = new Set(own.map(({ eventId }) => eventId))
    const [eventId] = events
    return {
      key: kind,
      text: own.length === 1 ? labelOf(kind) : `${labelOf(kind)} (${count(own.length)})`,
      href: events.size === 1 && eventId ? linkTo('events', eventId) : linkTo('alerts', kind),
      urgent: URGENT.has(kind),
    }
  })
}

/** Caps to set on listings without an API; the event's channels have the form that confirms them. */
function useTaskItems(): AttentionItem[] {
  const mayConfirm = useMay('OPERATOR')
  const events = useEventsWithTasks().data?.items ?? []
  if (!mayConfirm) return []
  const items = events.flatMap(({ id: eventId, name: event, channels }) =>
    channels.flatMap(({ id, task, label, externalEventId }) =>
      task ? [{ id, eventId, event, task, name: label ?? externalEventId }] : [],
    ),
  )
  return items.map(({ id, eventId, event, task, name }) => ({
    key: id,
    text:
      `${task.overdue ? '⚠ Overdue: set' : 'Set'} ${name} to ${count(task.cap)}, then confirm` +
      (events.length > 1 ? ` (${event})` : ''),
    href: linkTo('events', eventId, 'channels'),
    urgent: task.overdue,
  }))
}

function useReleaseItems(): AttentionItem[] {
  const releases = usePendingReleases().data?.items ?? []
  return releases.map(({ id, eventId, quantity, platform }) => ({
    key: id,
    text: `Release of ${count(quantity)} to ${labelOf(platform)} awaits approval`,
    href: linkTo('events', eventId, 'direct'),
    urgent: false,
  }))
}
