import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useState } from 'react'
import type { Schemas } from './client'
import { keys } from './queries'

/** `live`: changes arrive on the event stream. `polling`: read every few seconds. */
export type Connection = 'live' | 'polling'

export const ConnectionContext = createContext<Connection>('polling')
export const useConnection = () => useContext(ConnectionContext)

/** Refresh interval without the event stream, ms; with it, a longer one as a fallback. */
export const POLL_MS: Record<Connection, number> = { polling: 5_000, live: 30_000 }

/** Keeps the cache in sync with the service's event stream, for as long as the component lives. */
export function useStream(): Connection {
  const client = useQueryClient()
  const [connection, setConnection] = useState<Connection>('polling')
  useEffect(() => {
    const source = new EventSource('/api/v1/stream')
    source.addEventListener('open', () => {
      setConnection('live')
      // The stream does not replay: changes missed while disconnected are read now.
      void client.invalidateQueries()
    })
    source.addEventListener('error', () => setConnection('polling'))
    const stop = follow(source, client)
    return () => {
      stop()
      source.close()
    }
  }, [client])
  return connection
}

interface StreamEvents {
  stock: Schemas['StockDto']
  order: { eventId: string }
  rebalance: { eventId: string }
  alert: Schemas['AlertDto']
  mode: Schemas['ModeDto']
}

function follow(source: EventSource, client: QueryClient): () => void {
  const soon = gatherer(client)
  const on = <N extends keyof StreamEvents>(name: N, react: (data: StreamEvents[N]) => void) =>
    source.addEventListener(name, ({ data }: MessageEvent<string>) => react(JSON.parse(data) as StreamEvents[N]))
  on('stock', (stock) => {
    const known = client.getQueryData<Schemas['StockDto']>(keys.stock(stock.eventId))
    client.setQueryData(keys.stock(stock.eventId), stock)
    for (const key of keys.followStock(stock.eventId)) soon.add(key)
    // Lists of events show the stock that has just arrived; they are by state.
    if (known?.state !== stock.state) soon.add(keys.events())
  })
  on('order', ({ eventId }) => soon.add(keys.orders(eventId)))
  on('rebalance', ({ eventId }) => soon.add(keys.rebalances(eventId)))
  on('alert', () => soon.add(keys.alerts()))
  on('mode', (mode) => {
    client.setQueryData(keys.mode(), mode)
    soon.add(keys.transitions())
  })
  return () => soon.stop()
}

const GATHER_MS = 800

/** Many changes in a short time cause one read of each kind. */
function gatherer(client: QueryClient) {
  const due = new Map<string, readonly unknown[]>()
  const timer = setInterval(() => {
    for (const queryKey of due.values()) void client.invalidateQueries({ queryKey })
    due.clear()
  }, GATHER_MS)
  return {
    add: (key: readonly unknown[]) => due.set(JSON.stringify(key), key),
    stop: () => clearInterval(timer),
  }
}
