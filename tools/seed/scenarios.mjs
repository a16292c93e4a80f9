// The scenarios of `npm run seed`. Each returns what to see: lines of {what, path}, with a path of the page.
import { DOOR } from './door.mjs'
import { buyAll, buyer, createEvent, openAlerts, reconcile, stockWhere } from './steps.mjs'

/** Name → {summary, run}. `run` gets the API of the service (`call`), the simulated `platforms`, `show` for what can be seen already, and `minutes`. */
export const SCENARIOS = {
  'on-sale': {
    summary: 'an event on three platforms, with sales on each, a direct sale and a hold',
    async run({ call, platforms }) {
      const event = await createEvent({ call, platforms }, 'On sale', 60, { directWeight: 1 })
      for (const { shop } of event.listings) for (let n = 0; n < 3; n++) await shop.buy(buyer())
      const hold = await call('POST', `events/${event.id}/holds`, { quantity: 2 })
      await call('POST', `holds/${hold.id}/confirm`, { buyer: buyer() })
      await call('POST', `events/${event.id}/holds`, { quantity: 3 })
      const { sold } = await stockWhere(call, event, ({ sold }) => sold >= 11)
      return [
        { what: `${sold} of 60 sold, 3 held; caps per channel`, path: `events/${event.id}` },
        { what: 'the orders', path: `events/${event.id}/sales` },
      ]
    },
  },
  'red-alarm': {
    summary: 'an event sold to its soft cap: platforms on waitlist only, until an operator reopens it',
    async run({ call, platforms }) {
      const event = await createEvent({ call, platforms }, 'Red alarm', 30)
      const { sold } = await stockWhere(call, event, async ({ state, channels }) => {
        if (state !== 'RED_ALARM') await Promise.all(event.listings.map(({ shop }) => buyAll(shop)))
        return state === 'RED_ALARM' && channels.every(({ id, mode }) => id === 'DIRECT' || mode === 'WAITLIST_ONLY')
      })
      return [
        { what: `${sold} of 30 sold, every platform on waitlist only; reopen it here`, path: `events/${event.id}` },
        { what: 'the alert RED_ALARM, with its section of the runbook', path: 'alerts' },
      ]
    },
  },
  oversold: {
    summary: 'an organizer raised the cap on Eventbrite, and more tickets were sold than the event has',
    async run({ call, platforms }) {
      const event = await createEvent({ call, platforms }, 'Oversold', 10, {}, ['eventbrite'])
      const [{ shop }] = event.listings
      await shop.setCap(15)
      if ((await buyAll(shop)) !== 15) throw new Error('Eventbrite did not sell up to the raised cap')
      const { oversold } = await stockWhere(call, event, async ({ oversold }) => {
        return oversold === 5 && (await openAlerts(call, event)).includes('OVERSOLD')
      })
      return [
        { what: `15 of 10 sold, ${oversold} oversold; a person must refund them`, path: `events/${event.id}` },
        { what: 'the alert OVERSOLD', path: 'alerts' },
      ]
    },
  },
  drift: {
    summary: 'sales whose webhooks were lost, and a cap changed on Eventbrite, found by a reconciliation run',
    async run({ call, platforms }) {
      // A read that was due anyway may see the sales before the run does: then again with another event.
      let [event, items] = await drift(call, platforms)
      for (let again = 0; again < 4 && !hasAllSales(items); again++) [event, items] = await drift(call, platforms)
      if (!hasAllSales(items)) throw new Error('the reconciliation runs found none of the lost sales, or only some')
      const kinds = [...new Set(items.map(({ kind }) => kind))].toSorted().join(', ')
      return [
        { what: `${items.length} differences: ${kinds}`, path: `events/${event.id}/drift` },
        { what: 'the reconciliation run', path: 'system/runs' },
      ]
    },
  },
  door: DOOR,
  'fail-safe': {
    summary: 'forced fail-safe mode: no sales, every platform on waitlist only',
    async run({ call, platforms }) {
      const event = await createEvent({ call, platforms }, 'Fail-safe', 30)
      await call('POST', 'system/mode', { mode: 'FAIL_SAFE', reason: 'npm run seed' })
      await stockWhere(call, event, ({ channels }) =>
        channels.every(({ id, mode }) => id === 'DIRECT' || mode === 'WAITLIST_ONLY'),
      )
      return [
        { what: 'the mode, its reason and its history; end it here', path: 'system' },
        { what: 'an event whose platforms are on waitlist only', path: `events/${event.id}` },
      ]
    },
  },
}

const LOST_SALES = 3

/** An event with lost sales and a changed cap. Returns it and the differences that a run has found. */
async function drift(call, platforms) {
  const event = await createEvent({ call, platforms }, 'Drift', 40, {}, ['eventbrite'])
  const [{ shop }] = event.listings
  await platforms.eventbrite.loseWebhooks(1)
  try {
    for (let n = 0; n < LOST_SALES; n++) await shop.buy(buyer())
    await shop.setCap(39)
    await reconcile(call, event)
  } finally {
    await platforms.eventbrite.loseWebhooks(0)
  }
  const { items } = await call('GET', `events/${event.id}/drift`)
  return [event, items]
}

const hasAllSales = (items) => items.filter(({ kind }) => kind === 'MISSING_SALE').length === LOST_SALES
