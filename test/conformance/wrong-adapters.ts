import type { OrderPage, Outcome, PlatformAdapter } from '../../src/platforms/port.js'
import type { Wrap } from './adapter-under-test.js'

/** An adapter that differs from the given one only in these methods. */
function differing(adapter: PlatformAdapter, methods: Partial<PlatformAdapter>): PlatformAdapter {
  return new Proxy(adapter, {
    get: (target, name: keyof PlatformAdapter) => {
      const value: unknown = methods[name] ?? target[name]
      return typeof value === 'function' && !(name in methods) ? value.bind(target) : value
    },
  })
}

/** Confirms a write that got no response. */
export const confirmsUnknown: Wrap = (adapter) =>
  differing(adapter, {
    writeCap: async (listing, cap, context) => {
      const outcome = await adapter.writeCap(listing, cap, context)
      if (outcome.kind !== 'UNKNOWN') return outcome
      return { kind: 'OK', value: { cap, mode: 'OPEN', pending: 0, confirmedAt: new Date(0) } }
    },
  })

/** Reports that nothing changed when a write got no response. */
export const refusesUnknown: Wrap = (adapter) =>
  differing(adapter, {
    writeCap: async (listing, cap, context) => {
      const outcome = await adapter.writeCap(listing, cap, context)
      return outcome.kind === 'UNKNOWN' ? { kind: 'NOT_SENT', reason: 'no response' } : outcome
    },
  })

/** Loses the orders of every second page. */
export const dropsPages: Wrap = (adapter) => {
  let pages = 0
  return differing(adapter, {
    listOrders: async (...parameters) => {
      const page = await adapter.listOrders(...parameters)
      if (page.kind !== 'OK' || ++pages % 2 !== 0) return page
      return { kind: 'OK', value: { ...page.value, snapshots: [] } }
    },
  })
}

/** Reads every ticket as not checked in. */
export const losesCheckIns: Wrap = (adapter) =>
  differing(adapter, {
    listOrders: async (...parameters) => {
      const page = await adapter.listOrders(...parameters)
      if (page.kind !== 'OK') return page
      const snapshots = page.value.snapshots.map((snapshot) => ({
        ...snapshot,
        tickets: snapshot.tickets.map(({ details, ...ticket }) =>
          details ? { ...ticket, details: { ...details, checkedInAt: null } } : ticket,
        ),
      }))
      return { kind: 'OK', value: { ...page.value, snapshots } }
    },
  })

/** Takes a response that cannot be parsed for an empty list. */
export const emptiesUnreadable: Wrap = (adapter) =>
  differing(adapter, {
    listOrders: async (...parameters): Promise<Outcome<OrderPage>> => {
      const page = await adapter.listOrders(...parameters)
      if (page.kind === 'OK') return page
      return { kind: 'OK', value: { snapshots: [], nextCursor: {}, done: true, platformCount: null } }
    },
  })

/** Reads one ticket less than is sold. */
export const underreportsSold: Wrap = (adapter) =>
  differing(adapter, {
    readChannel: async (listing, context) => {
      const reading = await adapter.readChannel(listing, context)
      if (reading.kind !== 'OK' || reading.value.sold === null) return reading
      return { kind: 'OK', value: { ...reading.value, sold: reading.value.sold - 1 } }
    },
  })

/** Reads a smaller cap than is in force. */
export const underreportsCap: Wrap = (adapter) =>
  differing(adapter, {
    readChannel: async (listing, context) => {
      const reading = await adapter.readChannel(listing, context)
      if (reading.kind !== 'OK' || typeof reading.value.cap !== 'number') return reading
      return { kind: 'OK', value: { ...reading.value, cap: reading.value.cap - 1 } }
    },
  })

/** Takes an outage for a listing that does not exist. */
export const concludesGone: Wrap = (adapter) =>
  differing(adapter, {
    readChannel: async (listing, context) => {
      const reading = await adapter.readChannel(listing, context)
      return reading.kind === 'UNAVAILABLE' ? { kind: 'GONE', message: reading.reason } : reading
    },
  })

/** Sends writes without checking whether they are outdated. */
export const ignoresFence: Wrap = (adapter) =>
  differing(adapter, {
    writeCap: (listing, cap, { fence: _, ...context }) => adapter.writeCap(listing, cap, context),
  })

/** Reports that nothing changed where only a part of a write was applied. */
export const deniesParts: Wrap = (adapter) =>
  differing(adapter, {
    setMode: async (listing, mode, cap, context) => {
      const outcome = await adapter.setMode(listing, mode, cap, context)
      const inPart = outcome.kind === 'UNKNOWN' && outcome.acknowledged === true
      return inPart ? { kind: 'NOT_SENT', reason: outcome.reason } : outcome
    },
  })
