#!/usr/bin/env node
// npm run verify -- FILE [--last-hash HEX]: verifies the proof of an event (GET /api/v1/events/:id/proof), using nothing of the service.
// Each line of the file is a JSON object. Its `hash` is the SHA-256 of its other members as canonical JSON (sorted keys, no spaces, UTF-8), and
// one of these is `prev`, the hash of the line before: a line that is changed, dropped, added or moved is found. A record whose hashes were all
// recomputed ends with another hash than the one on the event's page: --last-hash compares it.
// Lines contain what happened. Everything else is computed here: balances from movements, and the exposure of each channel, which is the
// largest number of tickets that its platform can end up having sold. At every line must hold:
//   exposure of all channels + sold directly + held + safety stock <= capacity
// A channel is under this guarantee once the service has confirmed a cap there and all fits: listings are found with caps of their own, and
// more may have been sold under these, until it is counted or covered. Until then the service's own caps must fit, or permit no more than was taken.
// Carts count as far as caps permitted them: a platform may open more, but completes no more than its cap. Sold tickets always count.
// Exit 0: valid. 1: not valid, with the line. 2: wrong usage.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

const CONTRA = ['CAPACITY', 'OVERSOLD'] // never above 0; all other accounts are never below it
const ACCOUNT = /^(CAPACITY|UNALLOCATED|IN_TRANSIT|SAFETY|HELD|OVERSOLD|(ALLOCATED|SOLD):.+)$/
const STOCK_KINDS = ['SALE', 'CANCELLATION', 'HOLD', 'HOLD_ENDED', 'CAPACITY', 'MOVEMENT']

class Rejected extends Error {}
const demand = (condition, message) => {
  if (!condition) throw new Rejected(message)
}
const count = (value, name) => {
  demand(Number.isSafeInteger(value) && value >= 0, `${name} is not a number of tickets: ${JSON.stringify(value)}`)
  return value
}
/** A cap as a number: unknown and unlimited ones are unbounded. */
const capOf = (cap) => (cap === null || cap === 'UNLIMITED' ? Infinity : count(cap, 'the cap'))
const countOrNull = (value, name) => (value === null ? null : count(value, name))

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`
}

/** The hash chain: each line has the next number and the hash of the line before, and its own hash is right. */
class Chain {
  length = 0
  lastHash = '0'.repeat(64)
  add(text) {
    const { hash, ...content } = JSON.parse(text)
    demand(content.n === this.length + 1, `its number is ${content.n}: a line is missing, added or moved`)
    demand(content.prev === this.lastHash, 'its "prev" is not the hash of the line before')
    const actual = createHash('sha256').update(canonical(content)).digest('hex')
    demand(hash === actual, `its hash does not match its content, whose hash is ${actual}`)
    Object.assign(this, { length: this.length + 1, lastHash: hash })
    return content
  }
}

/** What is known of one channel: a listing, or a ticket type of one. */
class Channel {
  /** Caps of writes that may take effect or may have done so, by the number of the write. */
  open = new Map()
  joined = false
  /** The part of `uncounted` that caps of the service permitted. */
  ownUncounted = 0
  /** What was taken when the service wrote its cap, where even that did not fit. */
  found = 0
  /** The exposure after the line before: what is taken beyond it was permitted by no cap. */
  permitted = Infinity
  constructor(state) {
    const { id, platform, confirmed, detached } = state
    Object.assign(this, { id, name: `${platform} ${id}`, confirmed, detached, cap: capOf(state.cap) })
    this.noteCounts(state)
    if (state.open !== null) this.open.set('before', count(state.open, 'open'))
    this.uncounted = state.uncounted === null ? 0 : capOf(state.uncounted)
    this.uncountedSince = state.uncountedSince ?? ''
  }

  /** The most tickets that caps of the service permit, without those that the listing was found with. */
  get own() {
    const writes = [...this.open].map(([write, cap]) => (write === 'partial' ? 0 : cap))
    return Math.max(this.confirmed ? this.cap : 0, ...writes, this.ownUncounted)
  }
  /** The most tickets that the platform can end up having sold; `sold`: those known to the ledger. */
  exposure(sold) {
    if (this.detached) return sold
    const carts = Math.min(this.taken(sold), this.permitted)
    return Math.max(this.cap, ...this.open.values(), this.uncounted, sold, this.platformSold ?? 0, carts)
  }
  /** Sold or in carts, by the larger of both counts: a lower cap does not undo it. */
  taken(sold) {
    if (this.platformSold !== null) return Math.max(sold, this.platformSold + this.carts)
    return this.carts > 0 ? this.cap + this.carts : sold
  }
  /** Without a count of sold tickets, sales under the exposure before may not be known yet. */
  confirm({ write, cap, sold, carts, settled, asOf }, before, line) {
    const uncounted = (most) => (sold === null && cap < most ? most : 0)
    Object.assign(this, { uncounted: uncounted(before.exposure), ownUncounted: uncounted(before.own) })
    this.open.delete(write)
    if (settled) this.open.clear()
    this.cap = count(cap, 'cap')
    this.noteCounts({ sold: sold ?? this.platformSold, carts })
    this.uncountedSince = asOf
    this.startGuarantee(line)
  }
  fail({ write, sold, carts }) {
    this.open.delete(write)
    if (sold === undefined) return
    this.noteCounts({ sold: count(sold, 'sold'), carts })
    this.counted()
  }
  read({ cap, sold, carts, settled, counted, open, asOf }) {
    this.cap = capOf(cap)
    this.noteCounts({ sold, carts })
    if (settled) this.open.clear()
    if (open !== undefined) this.open.set('partial', count(open, 'open'))
    // A count from before the smaller cap does not show what was sold under the larger one.
    if (counted && asOf > this.uncountedSince) this.counted()
  }
  noteCounts = ({ sold, carts }) =>
    Object.assign(this, { platformSold: countOrNull(sold, 'sold'), carts: count(carts, 'carts') })
  counted = () => Object.assign(this, { uncounted: 0, ownUncounted: 0 })
  startGuarantee = (line) => Object.assign(this, { confirmed: true, confirmedAtLine: this.confirmedAtLine ?? line })
}

const moves = ({ line, replay }) => line.moves.forEach((move) => replay.move(line.kind, ...move))
const KINDS = {
  STARTED: ({ line, replay }) => replay.start(line),
  CHANNEL_ATTACHED: ({ line, replay }) => replay.attach(line.state),
  CHANNEL_DETACHED: ({ channel }) => (channel.detached = true),
  ...Object.fromEntries(STOCK_KINDS.map((kind) => [kind, moves])),
  CAP_WRITE: ({ channel, line }) => channel.open.set(line.write, count(line.cap, 'cap')),
  CAP_CONFIRMED: ({ channel, line, before, position }) => channel.confirm(line, before, position),
  // Which of two writes is in force is unknown: this one may be.
  CAP_CONFIRMED_LATE: ({ channel: { open }, line: { write, cap } }) =>
    open.set(write, Math.max(count(cap, 'cap'), open.get(write) ?? 0)),
  CAP_FAILED: ({ channel, line }) => channel.fail(line),
  READING: ({ channel, line }) => channel.read(line),
  // A listing that was found with the desired cap needs no write.
  DESIRED: ({ channel, line, position }) =>
    line.mode === 'OPEN' && line.cap === channel.cap && channel.startGuarantee(position),
}

/** The state of the event after each line, and whether it is within its capacity. */
class Replay {
  balances = new Map()
  channels = new Map()

  apply(line, position) {
    demand((position === 1) === (line.kind === 'STARTED'), 'STARTED must be the first line, and only the first')
    Object.assign(this, { firstAt: this.firstAt ?? line.at, lastAt: line.at })
    const channel = 'channel' in line ? this.channels.get(line.channel) : null
    demand(channel !== undefined, `the channel ${line.channel} is unknown`)
    const before = { cap: channel?.cap, own: channel?.own, exposure: channel && this.exposureOf(channel) }
    demand(Object.hasOwn(KINDS, line.kind), `its kind is unknown: ${JSON.stringify(line.kind)}`)
    KINDS[line.kind]({ line, position, channel, before, replay: this })
    for (const [account, units] of this.balances)
      demand(CONTRA.includes(account) ? units <= 0 : units >= 0, `${account} would be ${units}`)
    this.checkCapacity(line, position, channel, before)
    for (const one of this.channels.values()) this.noteCarts(one, position)
  }
  noteCarts(one, position) {
    one.permitted = this.exposureOf(one)
    const excess = this.takenOf(one) - one.permitted
    const { from, most } = one.beyond ?? { from: position, most: 0 }
    if (one.joined && excess > 0) one.beyond = { from, to: position, most: Math.max(most, excess) }
  }
  start({ event, balances, channels }) {
    this.event = event
    for (const [account, units] of Object.entries(balances)) {
      demand(ACCOUNT.test(account) && Number.isSafeInteger(units), `the balance of ${account} is not valid`)
      this.balances.set(account, units)
    }
    const sum = [...this.balances.values()].reduce((total, units) => total + units, 0)
    demand(sum === 0, `the balances differ from the capacity by ${sum}`)
    for (const state of channels) this.attach(state)
  }
  attach(state) {
    demand(!this.channels.has(state.id), `the channel ${state.id} is there already`)
    this.channels.set(state.id, new Channel(state))
  }
  /** Each movement takes from one account what it gives to another, so that the accounts always add up to the capacity. */
  move(kind, from, to, units) {
    demand(ACCOUNT.test(from) && ACCOUNT.test(to) && from !== to, `it moves from ${from} to ${to}`)
    demand(Number.isSafeInteger(units) && units > 0, `it moves ${JSON.stringify(units)} units`)
    demand(!from.startsWith('SOLD:') || kind === 'CANCELLATION', `a ${kind} takes ${units} sold tickets from ${from}`)
    for (const account of [from, to]) {
      const name = account.match(/:(.+)/)?.[1]
      demand(name === undefined || name === 'DIRECT' || this.channels.has(name), `the channel ${name} is unknown`)
    }
    this.balances.set(from, this.units(from) - units)
    this.balances.set(to, this.units(to) + units)
  }
  units = (account) => this.balances.get(account) ?? 0
  exposureOf = (channel) => channel.exposure(this.units(`SOLD:${channel.id}`))
  takenOf = (channel) => channel.taken(this.units(`SOLD:${channel.id}`))
  checkCapacity(line, position, channel, before) {
    const capacity = -this.units('CAPACITY')
    const [direct, held, safety] = ['SOLD:DIRECT', 'HELD', 'SAFETY'].map((account) => this.units(account))
    const covered = [...this.channels.values()].filter((one) => one.joined || one.detached)
    let total = covered.reduce((sum, one) => sum + this.exposureOf(one), direct + held + safety)
    if (total > capacity) {
      const platforms = covered.map((one) => `${one.name} ${this.exposureOf(one)}`)
      const terms = [...platforms, `sold directly ${direct}`, `held ${held}`, `safety stock ${safety}`].join(' + ')
      const cause = this.cause(line, channel, before.cap)
      throw new Rejected(`over capacity: ${terms} = ${total} of ${capacity}. Cause: ${cause}.`)
    }
    for (const one of this.outside().filter(({ confirmed }) => confirmed)) {
      const covered = this.units(`SOLD:${one.id}`) + this.units(`ALLOCATED:${one.id}`)
      if (this.exposureOf(one) > Math.min(capacity - total, Math.max(one.own, covered))) continue
      one.joined = true
      total += this.exposureOf(one)
    }
    let claimed = total
    for (const one of this.outside()) {
      const taken = this.takenOf(one)
      if (one === channel && ['CAP_WRITE', 'DESIRED'].includes(line.kind))
        one.found = Math.max(claimed + taken > capacity ? taken : 0, Math.min(before.own, one.found))
      if (claimed + one.own <= capacity) claimed += one.own
      else if (one.own > one.found) one.tooMuch = true
    }
    if (this.outside().length > 0) return
    const instant = { position, at: line.at, total, capacity, free: capacity - total }
    this.guaranteedAt ??= instant
    if (!this.tightest || instant.free < this.tightest.free) this.tightest = instant
  }
  cause(line, channel, capBefore) {
    if (line.kind === 'CAP_WRITE') return `the service wrote a cap of ${line.cap} to ${channel.name}`
    if (line.kind === 'READING' && channel.cap > capBefore)
      return `the cap of ${channel.name} was changed on the platform to ${channel.cap}, not by the service`
    if (channel) return `${line.kind} of ${channel.name}: ${channel.platformSold} sold, ${channel.carts} in carts`
    const beyond = [...this.channels.values()].find(({ id, cap }) => this.units(`SOLD:${id}`) > cap)
    const moved = line.moves?.map(([from, to, units]) => `${units} ${from} -> ${to}`)
    return `${line.kind} ${moved?.join(', ') ?? ''}${beyond ? `; ${beyond.name} has sold more than its cap of ${beyond.cap}` : ''}`
  }
  outside = () => [...this.channels.values()].filter(({ joined, detached }) => !joined && !detached)
  finish() {
    const over = this.outside().find(({ confirmed, tooMuch }) => confirmed && tooMuch)
    if (!over) return
    const rest = `its exposure of ${this.exposureOf(over)} has not fitted into the capacity since`
    throw new Rejected(`Line ${over.confirmedAtLine ?? 1}: the service has confirmed a cap of ${over.name}; ${rest}.`)
  }
}

/** Verifies an iterable of lines. Resolves with the report; rejects with what is wrong. */
export async function verify(record, expectedHash) {
  const chain = new Chain()
  const replay = new Replay()
  let expectedAt = 'no line'
  let lines = 0
  for await (const text of record) {
    lines += 1
    try {
      replay.apply(chain.add(text), lines)
    } catch (error) {
      // TypeError: a member is missing, or of another type.
      if (![Rejected, SyntaxError, TypeError].some((known) => error instanceof known)) throw error
      throw new Rejected(`Line ${lines}: ${error.message}.`)
    }
    if (chain.lastHash === expectedHash) expectedAt = `line ${lines}`
  }
  demand(lines > 0, 'There is no line.')
  replay.finish()
  if (expectedHash === undefined || expectedHash === chain.lastHash) return report(replay, chain, expectedHash)
  const last = `Line ${lines}: the last hash is ${chain.lastHash}, not ${expectedHash}, which ${expectedAt} has`
  throw new Rejected(`${last}. The record was changed, or is from another time than that hash.`)
}

function report(replay, { length, lastHash }, expectedHash) {
  const { event, firstAt, lastAt, guaranteedAt, tightest } = replay
  const sentences = [`${length} lines of ${event}, from ${firstAt} to ${lastAt}; the chain is complete.`]
  const until = guaranteedAt ? `until line ${guaranteedAt.position}, ${guaranteedAt.at}` : 'to the end'
  if (guaranteedAt?.position !== 1)
    sentences.push(`Before the guarantee, ${until}: listings had caps that the service had not written.`)
  for (const { name, beyond: over } of [...replay.channels.values()].filter((one) => one.beyond))
    sentences.push(`Lines ${over.from}-${over.to}: ${over.most} in carts of ${name} beyond its caps do not count.`)
  for (const { name, confirmed, uncounted } of replay.outside()) {
    const open = uncounted > 0 ? 'whose sales under earlier caps are not counted' : 'found with more sold than fits'
    const reason = confirmed ? open : 'which has no confirmed cap of the service'
    sentences.push(`Not under the guarantee: ${name}, ${reason}.`)
  }
  sentences.push('At no line could more be sold than the capacity, by the channels under the guarantee.')
  if (tightest) {
    const { position, at, total, capacity, free } = tightest
    sentences.push(`The tightest instant: line ${position}, ${at}, ${total} of ${capacity} units, ${free} free.`)
  }
  sentences.push(`The record is valid up to ${lastAt}, last hash ${lastHash}.`)
  const compare = "Compare this hash with the one on the event's page: only that shows that it was not recomputed."
  return [...sentences, expectedHash === undefined ? compare : 'It is the hash that was given.'].join('\n')
}

const USAGE = 'Usage: npm run verify -- FILE [--last-hash HEX]'
async function main() {
  const { values, positionals } = parseArgs({ options: { 'last-hash': { type: 'string' } }, allowPositionals: true })
  if (positionals.length !== 1) throw new Error('Name one file.')
  const lines = createInterface({ input: createReadStream(positionals[0]), crlfDelay: Infinity })
  console.log(await verify(lines, values['last-hash']?.toLowerCase()))
}
if (process.argv[1]?.endsWith('verify.mjs'))
  main().catch((error) => {
    console.error(error instanceof Rejected ? `Not valid. ${error.message}` : `${error.message}\n${USAGE}`)
    process.exitCode = error instanceof Rejected ? 1 : 2
  })
