import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { get, type Schemas } from './client'
import { POLL_MS, useConnection } from './stream'

/** Names of what is cached. */
export const keys = {
  events: (state?: string) => (state ? ['events', state] : ['events']),
  event: (id: string) => ['event', id, 'event'],
  stock: (id: string) => ['event', id, 'stock'],
  channels: (id: string) => ['event', id, 'channels'],
  curve: (id: string) => ['event', id, 'curve'],
  orders: (id: string) => ['event', id, 'orders'],
  movements: (id: string) => ['event', id, 'movements'],
  rebalances: (id: string) => ['event', id, 'rebalances'],
  holds: (id: string) => ['event', id, 'holds'],
  payments: (id: string) => ['event', id, 'payments'],
  seats: (id: string) => ['event', id, 'seats'],
  releases: (id: string) => ['event', id, 'releases'],
  door: (id: string) => ['event', id, 'door'],
  attendance: (id: string) => ['event', id, 'attendance'],
  duplicates: (id: string) => ['event', id, 'duplicates'],
  pendingReleases: () => ['pending-releases'],
  eventsWithTasks: () => ['events-with-tasks'],
  demo: () => ['demo'],
  hasEvents: () => ['has-events'],
  alerts: () => ['alerts'],
  mode: () => ['mode'],
  platforms: () => ['platforms'],
  connections: () => ['connections'],
  notificationTargets: () => ['notification-targets'],
  listings: (connectionId: string, q: string, cursor: string | null) => ['listings', connectionId, q, cursor],
  eventsOn: (connectionId: string) => ['events-on', connectionId],
  background: () => ['background'],
  waitlist: (id: string) => ['event', id, 'waitlist'],
  drift: (id: string) => ['event', id, 'drift'],
  runs: () => ['runs'],
  transitions: () => ['transitions'],
  deliveries: () => ['deliveries'],
  mails: () => ['mails'],
  operators: () => ['operators'],
  customers: (q: string) => ['customers', q],
  sessions: () => ['sessions'],
  ownTickets: () => ['own-tickets'],
  ticketsOf: (orderId: string) => ['tickets-of', orderId],
  totp: () => ['totp'],
  /** What a change of an event's stock makes old; a page reads again only what it shows. */
  followStock: (id: string) => [
    keys.event(id),
    keys.channels(id),
    keys.curve(id),
    keys.movements(id),
    keys.holds(id),
    keys.payments(id),
    keys.seats(id),
    keys.waitlist(id),
    keys.releases(id),
    keys.rebalances(id),
  ],
}

export type EventState = 'ON_SALE' | 'RED_ALARM' | 'PAUSED' | 'CLOSED' | 'ENDED'

function useRead<T>(queryKey: readonly unknown[], read: (signal: AbortSignal) => Promise<T>, everyMs?: number) {
  const connection = useConnection()
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => read(signal),
    refetchInterval: everyMs ?? POLL_MS[connection],
    placeholderData: keepPreviousData,
  })
}

export const useEvents = (state: EventState, q: string) =>
  useInfiniteQuery({
    queryKey: [...keys.events(state), q],
    queryFn: ({ signal, pageParam }) =>
      get('/api/v1/events', { query: { state, limit: 20, ...(q ? { q } : {}), ...cursor(pageParam) }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: POLL_MS[useConnection()],
  })

const cursor = (after: string | null) => (after === null ? {} : { cursor: after })
const of = (id: string) => ({ path: { id } })

export const useEvent = (id: string) =>
  useRead(keys.event(id), (signal) => get('/api/v1/events/{id}', { ...of(id), signal }))

export const useStock = (id: string) =>
  useRead(keys.stock(id), (signal) => get('/api/v1/events/{id}/stock', { ...of(id), signal }))

export const useChannels = (id: string) =>
  useRead(keys.channels(id), (signal) => get('/api/v1/events/{id}/channels', { ...of(id), signal }))

export const useCurve = (id: string) =>
  useRead(keys.curve(id), (signal) => get('/api/v1/events/{id}/sales-curve', { ...of(id), signal }))

export const useOrders = (id: string) =>
  useRead(keys.orders(id), (signal) => get('/api/v1/events/{id}/orders', { ...of(id), query: { limit: 25 }, signal }))

export const useRebalances = (id: string) =>
  useRead(keys.rebalances(id), (signal) =>
    get('/api/v1/events/{id}/rebalances', { ...of(id), query: { limit: 25 }, signal }),
  )

export const useHolds = (id: string) =>
  useRead(keys.holds(id), (signal) => get('/api/v1/events/{id}/holds', { ...of(id), query: { limit: 100 }, signal }))

export const usePayments = (id: string) =>
  useRead(keys.payments(id), (signal) => get('/api/v1/payments', { query: { eventId: id, limit: 50 }, signal }))

export const useSeats = (id: string) =>
  useRead(keys.seats(id), (signal) => get('/api/v1/events/{id}/seats', { ...of(id), signal }))

export const useReleases = (id: string) =>
  useRead(keys.releases(id), (signal) =>
    get('/api/v1/safety-stock/releases', { query: { eventId: id, limit: 25 }, signal }),
  )

/** Check-ins are not among the changes of the event stream. */
export const useDoor = (id: string) =>
  useRead(keys.door(id), (signal) => get('/api/v1/events/{id}/door', { ...of(id), signal }), 5_000)

export const useAttendance = (id: string) =>
  useRead(keys.attendance(id), (signal) => get('/api/v1/events/{id}/attendance', { ...of(id), signal }), 5_000)

export function useDuplicates(id: string) {
  return useInfiniteQuery({
    queryKey: keys.duplicates(id),
    queryFn: ({ signal, pageParam }) =>
      get('/api/v1/events/{id}/duplicates', { ...of(id), query: { limit: 25, ...cursor(pageParam) }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 30_000,
  })
}

export const useAlerts = () =>
  useRead(keys.alerts(), (signal) => get('/api/v1/alerts', { query: { state: 'open', limit: 100 }, signal }))

/** Of all events: those that an admin has not decided yet. */
export const usePendingReleases = () =>
  useRead(
    keys.pendingReleases(),
    (signal) => get('/api/v1/safety-stock/releases', { query: { state: 'PENDING', limit: 20 }, signal }),
    15_000,
  )

/** Live events with a listing on which a person has to set a cap. */
export const useEventsWithTasks = () =>
  useRead(
    keys.eventsWithTasks(),
    (signal) => get('/api/v1/events', { query: { task: 'OPEN', limit: 100 }, signal }),
    10_000,
  )

export const useDemo = () => useRead(keys.demo(), (signal) => get('/api/v1/demo', { signal }), 60_000)

/** Whether there is any event, closed ones included. Undefined: not known yet. */
export const useHasEvents = (): boolean | undefined => {
  const { data } = useRead(keys.hasEvents(), (signal) => get('/api/v1/events', { query: { limit: 1 }, signal }))
  return data && data.items.length > 0
}

export const useMode = () => useRead(keys.mode(), (signal) => get('/api/v1/system/mode', { signal }))

export const usePlatforms = () => useRead(keys.platforms(), (signal) => get('/api/v1/platforms', { signal }), 5_000)

/** Their checks and subscriptions change by themselves. */
export const useConnections = () =>
  useRead(keys.connections(), (signal) => get('/api/v1/connections', { signal }), 5_000)

/** There are never more than one page has. Polled often while `isAwaited` for one: its state will show an outcome. */
export const useNotificationTargets = (isAwaited: (target: Schemas['NotificationDto']) => boolean) =>
  useQuery({
    queryKey: keys.notificationTargets(),
    queryFn: ({ signal }) => get('/api/v1/notifications', { query: { limit: 100 }, signal }),
    refetchInterval: ({ state }) => (state.data?.items.some(isAwaited) ? 1_000 : 5_000),
  })

/** Live events that a connection drives. */
export const useEventsOn = (connectionId: string) =>
  useRead(keys.eventsOn(connectionId), (signal) =>
    get('/api/v1/events', { query: { connectionId, limit: 100 }, signal }),
  )

export const useBackground = () =>
  useRead(keys.background(), (signal) => get('/api/v1/system/background', { signal }), 5_000)

export const useWaitlist = (id: string) =>
  useRead(keys.waitlist(id), (signal) =>
    get('/api/v1/events/{id}/waitlist', { ...of(id), query: { limit: 100 }, signal }),
  )

/** Read again as soon as a run has ended: only runs find differences. */
export const useDrift = (id: string) => {
  const lastEnd = useRuns().data?.items.find(({ finishedAt }) => finishedAt)?.finishedAt ?? null
  return useRead([...keys.drift(id), lastEnd], (signal) =>
    get('/api/v1/events/{id}/drift', { ...of(id), query: { limit: 50 }, signal }),
  )
}

/** Polled often while a run is in progress, to show its progress. */
export const useRuns = () => {
  const connection = useConnection()
  return useQuery({
    queryKey: keys.runs(),
    queryFn: ({ signal }) => get('/api/v1/reconciliation/runs', { query: { limit: 20 }, signal }),
    refetchInterval: ({ state }) =>
      state.data?.items.some((run) => run.state === 'RUNNING') ? 1_000 : POLL_MS[connection],
  })
}

export const useRunItems = (id: string) =>
  useRead([...keys.runs(), id], (signal) => get('/api/v1/reconciliation/runs/{id}', { ...of(id), signal }))

export const useTransitions = () =>
  useRead(keys.transitions(), (signal) => get('/api/v1/system/transitions', { query: { limit: 20 }, signal }))

export const useSessions = () =>
  useRead(keys.sessions(), (signal) => get('/api/v1/auth/sessions', { query: { limit: 100 }, signal }))

/** What the customer who is signed in has bought, or got from others. */
export const useOwnTickets = () =>
  useInfiniteQuery({
    queryKey: keys.ownTickets(),
    queryFn: ({ signal, pageParam }) => get('/api/v1/tickets', { query: { limit: 25, ...cursor(pageParam) }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  })

/** The first valid tickets of an order. */
export const useTicketsOf = (eventId: string, orderId: string) =>
  useRead(keys.ticketsOf(orderId), (signal) =>
    get('/api/v1/events/{id}/tickets', { ...of(eventId), query: { orderId, state: 'VALID', limit: 100 }, signal }),
  )

export const useTotp = () => useRead(keys.totp(), (signal) => get('/api/v1/auth/totp', { signal }))

export const useOperators = (enabled: boolean) =>
  useQuery({
    queryKey: keys.operators(),
    queryFn: ({ signal }) => get('/api/v1/operators', { query: { limit: 100 }, signal }),
    enabled,
  })

export const useCustomers = (q: string) =>
  useQuery({
    queryKey: keys.customers(q),
    queryFn: ({ signal }) => get('/api/v1/customers', { query: { limit: 50, ...(q ? { q } : {}) }, signal }),
    placeholderData: keepPreviousData,
  })

export function useMovements(id: string, filter: { account?: string; q?: string }) {
  return useInfiniteQuery({
    queryKey: [...keys.movements(id), filter],
    queryFn: ({ signal, pageParam }) => {
      const query = { limit: 25, ...filter, ...cursor(pageParam) } as { limit: number }
      return get('/api/v1/events/{id}/movements', { ...of(id), query, signal })
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  })
}

export function useDeliveries(state: 'UNMATCHED' | 'FAILED' | 'REPLAYED' | undefined) {
  return useInfiniteQuery({
    queryKey: [...keys.deliveries(), state],
    queryFn: ({ signal, pageParam }) =>
      get('/api/v1/webhooks/deliveries', {
        query: { limit: 25, ...(state ? { state } : {}), ...cursor(pageParam) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 15_000,
  })
}

export function useFailedMails() {
  return useInfiniteQuery({
    queryKey: keys.mails(),
    queryFn: ({ signal, pageParam }) =>
      get('/api/v1/system/mails', { query: { limit: 25, ...cursor(pageParam) }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 15_000,
  })
}
