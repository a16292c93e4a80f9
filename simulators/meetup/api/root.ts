import { GraphQLError } from 'graphql'
import { NotFoundError } from '../errors.js'
import type { EventRecord } from '../state/model.js'
import type { EditEventInput, Organizer, PayloadError } from '../state/organizer.js'
import { groupView, memberView } from './group.js'
import { GROUP } from './only-group.js'
import { eventView, mayEdit, type Viewer } from './views.js'

interface EventInput {
  input: { eventId: string }
}

/** The root fields. Queries read the state of `viewer.at`, mutations the state after them. */
export function createRoot(viewer: Viewer, organizer: Organizer) {
  const { state } = viewer
  const change = (eventId: string, act: (event: EventRecord) => PayloadError | null) => {
    const event = find(viewer, eventId)
    const error = event === null ? EVENT_NOT_FOUND : mayEdit(event, viewer) ? act(event) : NOT_ALLOWED
    if (error || !event) return { event: null, errors: [error] }
    return { event: eventView({ event, rsvps: state.rsvps(event) }, viewer), errors: null }
  }
  return {
    event: ({ id }: { id: string }) => {
      const snapshot = state.eventAt(id, viewer.at)
      if (!snapshot) return null
      if (mayEdit(snapshot.event, viewer)) return eventView(snapshot, viewer)
      if (state.ports.toggles.current.forbiddenEvent === 'null') return null
      throw new GraphQLError('Not allowed to see this event', { extensions: { code: 'FORBIDDEN' } })
    },
    groupByUrlname: ({ urlname }: { urlname: string }) => (urlname === GROUP.urlname ? groupView(viewer) : null),
    self: () => (viewer.memberId === null ? null : memberView(viewer.memberId, viewer)),
    editEvent: ({ input }: { input: EditEventInput }) => change(input.eventId, (event) => organizer.edit(event, input)),
    deleteEvent: ({ input }: EventInput) => {
      const { errors } = change(input.eventId, (event) => organizer.cancel(event))
      return { success: errors === null, errors }
    },
    closeEventRsvps: ({ input }: EventInput) => change(input.eventId, (event) => organizer.close(event)),
    openEventRsvps: ({ input }: EventInput) => change(input.eventId, (event) => organizer.open(event)),
  }
}

const EVENT_NOT_FOUND: PayloadError = { code: 'event_not_found', field: 'eventId', message: 'There is no such event' }
const NOT_ALLOWED: PayloadError = {
  code: 'permission_denied',
  field: 'eventId',
  message: 'Not allowed to edit this event',
}

function find({ state }: Viewer, eventId: string): EventRecord | null {
  try {
    return state.event(eventId)
  } catch (error) {
    if (error instanceof NotFoundError) return null
    throw error
  }
}
