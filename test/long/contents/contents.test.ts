import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { Platforms } from '../../../src/platforms/platforms.js'
import type { EventContentsDto, PlannedChangesDto } from '../../../src/contents/contents.dto.js'
import { readContents } from '../../support/fixtures/contents.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../../support/service/test-system.js'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const START = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 30 * 86_400_000)
const minutes = (count: number) => new Date(START.getTime() + count * 60_000).toISOString()
const TITLE = 'Winter <Meetup> & tea'

let system: TestSystem
let listings: Listings
let eventId: string
let viewer: string
let operator: string

beforeAll(async () => {
  system = await startTestSystem()
  viewer = await staff('VIEWER')
  operator = await staff('OPERATOR')
  listings = listed()
  eventId = await imported(listings)
})
afterAll(() => system?.close())

const listed = (): Listings => ({
  eventbrite: system.eventbrite.control.createEvent({
    name: TITLE,
    start: minutes(0),
    end: minutes(120),
    capacityTotal: 9,
  }).id,
  luma: system.luma.control.createEvent({ name: TITLE, maxCapacity: 9, ticketTypes: [{ maxCapacity: 9 }] }).eventId,
  meetup: system.meetup.control.createEvent({ title: 'Tea', capacity: 9, dateTime: Date.parse(minutes(-30)) }).eventId,
})

async function staff(role: string): Promise<string> {
  const email = `${role.toLowerCase()}@example.com`
  const body = { email, name: role, role, password: 'a long password for tests' }
  expect((await system.app.call('POST', '/operators', { token: system.token, body })).status).toBe(201)
  return system.app.login({ email, password: body.password })
}

async function imported(on: Listings): Promise<string> {
  const fields = { name: TITLE, startsAt: minutes(0), timezone: 'Europe/Berlin' }
  const id = await system.createEvent(60, on, fields)
  await until(async () => {
    for (const { confirmedCap, desiredCap } of (await system.stock(id)).channels.slice(0, 3)) {
      expect(confirmedCap).not.toBeNull()
      expect(confirmedCap).toBe(desiredCap)
    }
  }, 60_000)
  return id
}

const contents = async (id = eventId) =>
  (await system.app.call<EventContentsDto>('GET', `/events/${id}/contents`, { token: viewer })).body

async function on(platform: string, id = eventId) {
  const found = (await contents(id)).channels.find((channel) => channel.platform === platform)
  if (!found) throw new Error(`no channel on ${platform}`)
  return found
}

describe('Contents of listings', () => {
  const write = (body: object, token = operator) =>
    system.app.call<PlannedChangesDto>('POST', `/events/${eventId}/contents`, { token, body })

  it('are shown side by side, with their differences', async () => {
    await readContents(system)
    const { own, channels, differences } = await contents()
    expect(own).toMatchObject({ title: TITLE, startsAt: minutes(0), timezone: 'Europe/Berlin', venue: null })
    const shown = Object.fromEntries(channels.map((channel) => [channel.platform, channel.shows]))
    expect(shown).toMatchObject({
      EVENTBRITE: { title: TITLE, startsAt: minutes(0), endsAt: minutes(120), timezone: 'UTC', venue: 'Example hall' },
      LUMA: { title: TITLE, timezone: 'Europe/Berlin', venue: null },
      MEETUP: { title: 'Tea', startsAt: minutes(-30), timezone: 'America/New_York', venue: 'Example hall' },
    })
    expect((await on('MEETUP')).differs).toEqual(['title', 'startsAt', 'endsAt', 'timezone'])
    const title = differences.find(({ field }) => field === 'title')
    expect(title?.text).toBe(`The event shows “${TITLE}”, Meetup “Tea”`)
    expect((await on('EVENTBRITE')).readAt).not.toBeNull()
  })

  it('are read although reading one of them fails', async () => {
    const { app } = system.app
    await app.get(PrismaService).listingContents.updateMany({ data: { nextReadAt: null } })
    const broken = vi.spyOn(app.get(Platforms), 'find').mockImplementationOnce(() => {
      throw new Error('broken')
    })
    onTestFinished(() => broken.mockRestore())
    const before = new Date().toISOString()
    await readContents(system)
    const failures = (await contents()).channels.map(({ readFailure }) => readFailure)
    expect(failures.filter((failure) => failure !== null)).toEqual(['an error of the service'])
    const read = (await contents()).channels.filter(({ readAt }) => readAt !== null && readAt >= before)
    expect(read).toHaveLength(2)
  })

  it('are previewed, and written where the API takes them', async () => {
    const body = { title: 'New & <better>', startsAt: minutes(60), endsAt: minutes(180) }
    const before = await system.stock(eventId)
    const preview = await write({ ...body, preview: true })
    expect([preview.status, preview.body.preview]).toEqual([200, true])
    const plan = Object.fromEntries(preview.body.channels.map(({ platform, ...planned }) => [platform, planned]))
    expect(plan).toMatchObject({
      EVENTBRITE: { written: ['title', 'startsAt', 'endsAt'], manually: [] },
      LUMA: { written: ['title', 'startsAt', 'endsAt'], manually: [] },
      MEETUP: {
        written: ['title'],
        manually: ['startsAt', 'endsAt'],
        instructions: expect.stringMatching(/meetup.com/),
      },
    })
    expect((await on('LUMA')).change).toBeNull()

    expect((await write(body)).status).toBe(200)
    for (const platform of ['EVENTBRITE', 'LUMA', 'MEETUP']) {
      await until(
        async () => expect((await on(platform)).change).toMatchObject({ state: 'DONE', kind: 'WRITE' }),
        60_000,
      )
    }
    const written = { title: body.title, startsAt: minutes(60), endsAt: minutes(180) }
    expect((await on('EVENTBRITE')).shows).toMatchObject(written)
    expect((await on('LUMA')).shows).toMatchObject(written)
    expect((await on('MEETUP')).shows).toMatchObject({ title: body.title, startsAt: minutes(-30) })
    expect((await on('MEETUP')).change).toMatchObject({ written: ['title'], manually: ['startsAt', 'endsAt'] })
    // Caps stay as they are.
    const caps = ({ channels }: typeof before) => channels.map(({ confirmedCap }) => confirmedCap)
    expect(caps(await system.stock(eventId))).toEqual(caps(before))
  })

  it('show why a platform refused them', async () => {
    system.eventbrite.control.setStatus(listings.eventbrite, 'live')
    const refused = await write({ endsAt: minutes(-60) })
    expect(refused.status).toBe(400)
    // The listing starts later than the event.
    await write({ endsAt: minutes(30) })
    await until(async () => expect((await on('EVENTBRITE')).change).toMatchObject({ state: 'REFUSED' }), 60_000)
    expect((await on('EVENTBRITE')).change?.detail).toContain('DATE_CONFLICT')
    expect((await on('MEETUP')).change).toMatchObject({ state: 'MANUAL', written: [], manually: ['endsAt'] })
  })

  it('are validated, and written by operators only', async () => {
    expect((await write({})).status).toBe(400)
    expect((await write({ preview: true })).status).toBe(400)
    expect((await write({ title: 'x'.repeat(81) })).body).toMatchObject({ errors: [{ field: 'title' }] })
    expect((await write({ startsAt: 'tomorrow' })).status).toBe(400)
    expect((await write({ title: 'New' }, viewer)).status).toBe(403)
    const unknown = { token: operator, body: { title: 'New' } }
    expect((await system.app.call('POST', '/events/evt_none/contents', unknown)).status).toBe(404)
    expect((await system.app.call('GET', '/events/evt_none/contents', { token: viewer })).status).toBe(404)
  })
})

describe('Cancelling all listings', () => {
  const cancel = (id: string, body: object, token = system.token) =>
    system.app.call<PlannedChangesDto & { code?: string }>('POST', `/events/${id}/cancel-listings`, { token, body })

  it('is for a closed event, and shows where a person has to act', async () => {
    const on2 = listed()
    const id = await imported(on2)
    system.eventbrite.control.buy({ eventId: on2.eventbrite, quantity: 1 })
    await until(async () => expect((await system.stock(id)).sold).toBe(1), 60_000)
    const reason = 'the venue is flooded'
    expect((await cancel(id, { reason }, operator)).status).toBe(403)
    expect((await cancel(id, {})).status).toBe(400)
    const preview = await cancel(id, { reason, preview: true })
    expect(preview.body.channels).toMatchObject([
      { platform: 'EVENTBRITE', written: ['cancellation'], instructions: expect.stringContaining('refund') },
      { platform: 'LUMA', written: ['cancellation'] },
      { platform: 'MEETUP', written: ['cancellation'] },
    ])
    const open = await cancel(id, { reason })
    expect([open.status, open.body.code]).toEqual([409, 'STATE_CONFLICT'])

    await system.app.call('POST', `/events/${id}/close`, { token: system.token })
    expect((await cancel(id, { reason })).status).toBe(200)
    for (const [platform, state] of [
      ['EVENTBRITE', 'REFUSED'],
      ['LUMA', 'DONE'],
      ['MEETUP', 'DONE'],
    ] as const) {
      await until(async () => expect((await on(platform, id)).change).toMatchObject({ kind: 'CANCEL', state }), 60_000)
    }
    expect((await on('EVENTBRITE', id)).change?.detail).toContain('CANNOT_CANCEL')
    // Sold tickets stay counted.
    expect((await system.stock(id)).sold).toBe(1)
  })
})
