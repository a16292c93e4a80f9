import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FailSafeCoordinator } from '../../../src/fail-safe/fail-safe-coordinator.js'
import { untilInSync } from '../../support/fixtures/reconcile.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../../support/service/test-system.js'

let system: TestSystem
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proof-'))
  system = await startTestSystem({ limitScale: 5 })
  // It closes the platforms in fail-safe mode and recovers from it; the test system does not start it.
  await system.app.app.get(FailSafeCoordinator).start()
}, 120_000)

afterAll(async () => {
  await system?.close()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

async function post(path: string, body: object = {}): Promise<Record<string, unknown>> {
  const { status, body: response } = await system.app.call('POST', path, { token: system.token, body })
  expect(status, `${path}: ${JSON.stringify(response)}`).toBeLessThan(300)
  return response
}

/** The record, and the last hash that the event shows for it. */
async function proofOf(eventId: string): Promise<{ file: string; record: string; lastHash: string }> {
  const { token, app } = system
  return until(async () => {
    const event = await app.call<{ lastHash: string }>('GET', `/events/${eventId}`, { token })
    const { body: record } = await app.call<string>('GET', `/events/${eventId}/proof`, { token })
    const { lastHash } = event.body
    expect(record.trimEnd().endsWith(`"hash":"${lastHash}"}`)).toBe(true)
    const file = join(folder, `${eventId}.ndjson`)
    writeFileSync(file, record)
    return { file, record, lastHash }
  })
}

async function untilClosed(eventId: string): Promise<void> {
  await until(async () => {
    const { channels } = await system.stock(eventId)
    for (const { platform, mode } of channels) if (platform !== 'DIRECT') expect(mode).toBe('WAITLIST_ONLY')
  }, 40_000)
}

async function soldEverywhere(eventId: string, listings: Listings): Promise<void> {
  const { luma, eventbrite, meetup } = system
  for (let index = 0; index < 5; index++) {
    luma.control.register({ eventId: listings.luma, email: `${eventId}-${index}@example.com` })
    eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1 })
    meetup.control.rsvp(listings.meetup, { guests: 1 })
  }
  await until(async () => {
    const { channels } = await system.stock(eventId)
    const sold = Object.fromEntries(channels.map((channel) => [channel.platform, channel.sold]))
    expect(sold).toMatchObject({ LUMA: 5, EVENTBRITE: 5, MEETUP: 10 })
  }, 40_000)
}

describe('The proof of an event', () => {
  it('names the line at which a cap was raised manually beyond the capacity', async () => {
    const listings = system.list()
    const eventId = await system.createEvent(60, listings)
    await untilInSync(system, eventId)
    system.meetup.control.editEvent(listings.meetup, { maxTickets: 500 })
    const { file } = await until(async () => {
      const proof = await proofOf(eventId)
      expect(proof.record).toMatch(/"cap":500,.*"kind":"READING"/)
      return proof
    }, 40_000)
    const { status, stderr } = spawnSync(process.execPath, ['tools/verify/verify.mjs', file], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /Line \d+: over capacity: .*MEETUP chn_\S+ 500 .*changed on the platform to 500, not by the service/,
    )
  }, 120_000)

  it('is accepted by the verifier after sales, holds, a pause, a change of capacity and fail-safe mode', async () => {
    const listings = system.list({ eventbrite: 200, luma: 150, meetup: null })
    const eventId = await system.createEvent(120, listings, { directWeight: 1 })
    await untilInSync(system, eventId)
    await soldEverywhere(eventId, listings)
    const { id } = await post(`/events/${eventId}/holds`, { quantity: 2 })
    await post(`/holds/${String(id)}/confirm`, { buyer: { name: 'Ada Lovelace', email: 'ada@example.com' } })
    const buyer = { name: 'Dora Door', email: 'dora@example.com' }
    await post(`/events/${eventId}/safety-stock/sales`, { quantity: 1, buyer, reason: 'a guest of Wanda Waits' })
    await post(`/events/${eventId}/pause`)
    await untilClosed(eventId)
    await post(`/events/${eventId}/resume`)
    await untilInSync(system, eventId)
    const { status } = await system.app.call('PATCH', `/events/${eventId}`, {
      token: system.token,
      body: { capacity: 90 },
    })
    expect(status).toBe(200)
    await until(async () => expect((await system.stock(eventId)).capacity).toBe(90), 40_000)
    await post('/system/mode', { mode: 'FAIL_SAFE', reason: 'a drill' })
    await untilClosed(eventId)
    await post('/system/mode', { mode: 'NORMAL', reason: 'the drill is over' })
    await until(async () => {
      const { body } = await system.app.call('GET', '/system/mode', { token: system.token })
      expect(body).toMatchObject({ mode: 'NORMAL' })
    }, 60_000)
    await untilInSync(system, eventId)

    const { file, record, lastHash } = await proofOf(eventId)
    expect(record).not.toMatch(/Ada|Dora|Wanda|example\.com/)
    const output = execFileSync('npm', ['run', '-s', 'verify', '--', file, '--last-hash', lastHash], {
      encoding: 'utf8',
    })
    expect(output).toContain('It is the hash that was given.')
    expect(output).toMatch(/Before the guarantee, until line \d+/)
    expect(output).not.toContain('Not under the guarantee')
    const wrong = spawnSync('npm', ['run', '-s', 'verify', '--', file, '--last-hash', '0'.repeat(64)])
    expect(wrong.status).toBe(1)
  }, 240_000)
})
