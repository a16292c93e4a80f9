import type { EventRecord } from '../state/model.js'
import type { EventSnapshot } from '../state/state.js'
import { GROUP } from './only-group.js'
import { connectionOf } from './paging.js'
import { eventView, mayEdit, type Viewer } from './views.js'

interface GroupEventArgs {
  after?: string | null
  first?: number | null
  sort?: 'ASC' | 'DESC' | null
  filter?: {
    afterDateTime?: string | null
    beforeDateTime?: string | null
    status?: (string | null)[] | null
    title?: string | null
  } | null
}

/** The member of the token, and their role in the group. */
export function memberView(id: string, viewer: Viewer) {
  const role = viewer.state.ports.toggles.current.memberRole
  const edge = { metadata: { role }, node: groupView(viewer) }
  const memberships = (args: { after?: string | null; first?: number | null }) => connectionOf([edge], args)
  return { id, name: 'Olga Organizer', email: 'olga@example.com', memberships }
}

export function groupView(viewer: Viewer) {
  return { ...GROUP, events: (args: GroupEventArgs) => groupEvents(args, viewer) }
}

function groupEvents(args: GroupEventArgs, viewer: Viewer) {
  const { filter } = args
  const matches = ({ dateTime, status, title }: EventRecord) =>
    dateTime >= boundOf(filter?.afterDateTime, -Infinity) &&
    dateTime < boundOf(filter?.beforeDateTime, Infinity) &&
    (filter?.status ?? [status]).includes(status) &&
    title.toLowerCase().includes((filter?.title ?? '').toLowerCase())
  const direction = args.sort === 'DESC' ? -1 : 1
  const snapshots = viewer.state
    .events()
    .map(({ id }) => viewer.state.eventAt(id, viewer.at))
    .filter((snapshot): snapshot is EventSnapshot => snapshot !== null)
    .filter(({ event }) => mayEdit(event, viewer) && matches(event))
    .toSorted((a, b) => direction * (a.event.dateTime - b.event.dateTime))
  const { edges, ...rest } = connectionOf(
    snapshots.map((node) => ({ node })),
    args,
  )
  return { ...rest, edges: edges.map(({ cursor, node }) => ({ cursor, node: eventView(node, viewer) })) }
}

function boundOf(instant: string | null | undefined, otherwise: number): number {
  return instant ? Date.parse(instant) : otherwise
}
