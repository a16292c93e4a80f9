import type { DeliveryRecord } from '../../../simulators/kit/index.js'
import type { Delivery, Hint, PlatformAdapter } from '../../../src/platforms/port.js'
import type { Bench } from '../adapter-under-test.js'
import { require } from '../contract.js'

/** Where the secret of a platform that does not sign is. */
const pathTokenOf = (url: string) => new URL(url).pathname.split('/').at(-1) ?? null

const received = ({ url, headers, body }: Omit<DeliveryRecord, 'id' | 'state'>): Delivery => ({
  headers,
  body: Buffer.from(body),
  pathToken: pathTokenOf(url),
})

/** Whether a hint leads to the order: by its id, or by its event. */
function leadsTo(hint: Hint, orderId: string, eventId: string): boolean {
  if (hint.kind === 'ORDER') return hint.orderId === orderId || hint.externalEventId === eventId
  return hint.kind === 'EVENT' && hint.externalEventId === eventId
}

/** Deliveries of a sale lead to it in any order and number; forged ones are recognized. */
export function requireUsableDeliveries(bench: Bench, adapter: PlatformAdapter, orderId: string): void {
  const deliveries = bench.simulator.deliveries.list().filter(({ state }) => state === 'HELD')
  require(deliveries.length > 0, 'the platform sent nothing')
  const now = bench.stage.clock.now()
  for (const delivery of deliveries) {
    const genuine = received(delivery)
    require(adapter.authenticate(genuine, now) === 'AUTHENTIC', 'a genuine delivery is refused', delivery)
    const forged = { ...genuine, headers: {}, pathToken: null }
    require(adapter.authenticate(forged, now) === 'FORGED', 'a delivery without its secret is accepted', delivery)
    const hints = adapter.parseDelivery(genuine.body)
    require(hints !== null && hints.length > 0, 'a genuine delivery is not understood', delivery)
    const useful = hints.some((hint) => hint.kind === 'NONE' || leadsTo(hint, orderId, bench.ref.eventId))
    require(useful, 'a delivery leads elsewhere', { delivery, hints })
  }
  const all = deliveries.flatMap(({ body }) => adapter.parseDelivery(Buffer.from(body)) ?? [])
  require(all.some((hint) => leadsTo(hint, orderId, bench.ref.eventId)), 'no delivery leads to the order', all)
  for (const body of ['', '{', '[]', 'null', '{"unexpected":true}', '\u0000']) {
    const hints = adapter.parseDelivery(Buffer.from(body))
    const harmless = hints === null || hints.every(({ kind }) => kind === 'NONE')
    require(harmless, `"${body}" is understood as a delivery`, hints)
  }
}
