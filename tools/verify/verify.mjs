#!/usr/bin/env node
// npm run verify -- FILE [--last-hash HEX]: verifies the proof of an event (GET /api/v1/events/:id/proof), using nothing of the service.
// Each line of the file is a JSON object. Its `hash` is the SHA-256 of its other members as canonical JSON (sorted keys, no spaces, UTF-8), and
// one of these is `prev`, the hash of the line before: a line that is changed, dropped, added or moved is found. A record whose hashes were all
// recomputed ends with another hash than the one on the event's page: --last-hash compares it. Exit 0: valid. 1: not valid, with the line. 2: wrong usage.
// Lines contain what happened. Everything else is computed here: balances from movements, and the exposure of each channel, which is the
// largest number of tickets that its platform can end up having sold. At every line must hold:
//   exposure of all channels + sold directly + held + safety stock <= capacity
// A channel is under this guarantee once the service has confirmed a cap there and all fits: listings are found with caps of their own, and
// more may have been sold under these, until it is counted or covered. Until then the service's own caps must fit, or permit no more than was taken.
// Carts and sales beyond what caps permitted do not count at first: a platform completes no more than its cap, but may open more carts, and may report
// a sale early, before the cancellation that made room for it. It was an oversell if the platform counts it, or the record ends, before one comes.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

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
  found = 0 // Taken, or 1 (no cap is smaller), when the service wrote a cap where even that did not fit.
  /** The exposure after the line before: what is sold or in carts beyond it was permitted by no cap. */
  permitted = Infinity
  /** Sales that were recorded beyond it, and that no cancellation since then has made room for. */
  early = 0
  constructor(state, balances) {
    const { id, platform, confirmed, detached } = state
    Object.assign(this, { id, balances, name: `${platform} ${id}`, confirmed, detached, cap: capOf(state.cap) })
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
  get sold() {
    return this.balances.get(`SOLD:${this.id}`) ?? 0
  }
  /** Sold or in carts, by the larger of both counts: a lower cap does not undo it. */
  get taken() {
    return Math.max(this.sold, (this.platformSold ?? (this.carts > 0 ? this.cap : 0)) + this.carts)
  }
  /** The most tickets that the platform can end up having sold. */
  get exposure() {
    if (this.detached) return this.sold
    const taken = Math.min(this.taken, this.permitted)
    const sold = Math.max(this.sold - this.early, this.platformSold ?? 0)
    return Math.max(this.cap, ...this.open.values(), this.uncounted, sold, taken)
  }
  /** Without a count of sold tickets, sales under the exposure before may not be known yet. */
  confirm({ write, cap, sold, carts, settled, asOf }, before, line) {
    const uncounted = (most) => (sold === null && cap < most ? most : 0)
    Object.assign(this, { uncounted: uncounted(before.exposure), ownUncounted: uncounted(before.own) })
    this.open.delete(write)
    if (settled) this.open.clear()
    this.noteCounts({ sold: sold ?? this.platformSold, carts })
    Object.assign(this, { cap: count(cap, 'cap'), confirmed: this.confirmed || line, uncountedSince: asOf })
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
    Object.assign(this, { platformSold: sold === null ? null : count(sold, 'sold'), carts: count(carts, 'carts') })
  noteBeyond(position) {
    this.permitted = this.exposure
    const most = Math.max(this.taken - this.permitted, this.beyond?.most ?? 0)
    if (this.joined && this.taken > this.permitted) this.beyond = { from: position, ...this.beyond, to: position, most }
  }
  counted = () => Object.assign(this, { uncounted: 0, ownUncounted: 0 })
}

const moves = ({ line, replay }) => line.moves.forEach((move) => replay.move(line.kind, ...move))
const KINDS = {
  STARTED: ({ line, replay }) => replay.start(line),
  CHANNEL_ATTACHED: ({ line, replay }) => replay.attach(line.state),
  CHANNEL_DETACHED: ({ channel, line }) => Object.assign(channel, { detached: true, assumedBy: line.assumedBy }),
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
    line.mode === 'OPEN' && line.cap === channel.cap && (channel.confirmed ||= position),
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
    const before = { cap: channel?.cap, own: channel?.own, exposure: channel?.exposure }
    demand(Object.hasOwn(KINDS, line.kind), `its kind is unknown: ${JSON.stringify(line.kind)}`)
    KINDS[line.kind]({ line, position, channel, before, replay: this })
    for (const [account, units] of this.balances)
      demand(['CAPACITY', 'OVERSOLD'].includes(account) ? units <= 0 : units >= 0, `${account} would be ${units}`)
    this.checkCapacity(line, position, channel, before)
    for (const one of this.channels.values()) one.noteBeyond(position)
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
    demand(this.channels.get(state.id)?.detached !== false, `the channel ${state.id} is there already`)
    this.channels.set(state.id, new Channel(state, this.balances))
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
    const [buying, cancelling] = [to, from].map((account) => this.channels.get(account.replace(/^SOLD:/, '')))
    if (buying?.joined) buying.early = Math.max(buying.early, buying.sold - buying.permitted)
    if (cancelling) cancelling.early = Math.max(0, cancelling.early - units)
  }
  units = (account) => this.balances.get(account) ?? 0
  checkCapacity(line, position, channel, before) {
    const capacity = -this.units('CAPACITY')
    const [direct, held, safety] = ['SOLD:DIRECT', 'HELD', 'SAFETY'].map(this.units)
    const covered = [...this.channels.values()].filter((one) => one.joined || one.detached)
    const used = (unitsOf) => covered.reduce((sum, one) => sum + unitsOf(one), direct + held + safety)
    const recordedOf = (one) => Math.max(one.exposure, one.sold)
    let recorded = used(recordedOf)
    if (covered.every((one) => one.early === 0)) this.undecided = null
    if (recorded > capacity) {
      const platforms = covered.map((one) => `${one.name} ${recordedOf(one)}`)
      const terms = [...platforms, `sold directly ${direct}`, `held ${held}`, `safety stock ${safety}`].join(' + ')
      const cause = this.cause(line, channel, before.cap)
      const problem = `over capacity: ${terms} = ${recorded} of ${capacity}. Cause: ${cause}`
      demand(used((one) => one.exposure) <= capacity, problem)
      this.undecided ??= `Line ${position}: ${problem}`
    }
    const isCounted = covered.some((one) => one.early > 0 && one.platformSold > one.permitted)
    demand(!this.undecided || !isCounted, `the platform counts sales beyond its caps. ${this.undecided}`)
    for (const one of this.outside().filter(({ confirmed }) => confirmed)) {
      const covered = one.sold + this.units(`ALLOCATED:${one.id}`)
      one.joined = recordedOf(one) <= Math.min(capacity - recorded, Math.max(one.own, covered))
      if (one.joined) recorded += recordedOf(one)
    }
    let claimed = recorded
    for (const one of this.outside()) {
      const least = one.taken || 1
      if (one === channel && ['CAP_WRITE', 'DESIRED'].includes(line.kind))
        one.found = Math.max(claimed + least > capacity ? least : 0, Math.min(before.own, one.found))
      if (claimed + one.own <= capacity) claimed += one.own
      else if (one.own > one.found) one.tooMuch = true
    }
    if (this.outside().length > 0) return
    const free = Math.max(0, capacity - recorded)
    const text = `line ${position}, ${line.at}, ${capacity - free} of ${capacity} units, ${free} free`
    this.guaranteedFrom ??= `line ${position}, ${line.at}`
    if (free < (this.tightest?.free ?? Infinity)) this.tightest = { free, text }
  }
  cause(line, channel, capBefore) {
    if (line.kind === 'CAP_WRITE') return `the service wrote a cap of ${line.cap} to ${channel.name}`
    if (line.kind === 'READING' && channel.cap > capBefore)
      return `the cap of ${channel.name} was changed on the platform to ${channel.cap}, not by the service`
    if (channel) return `${line.kind} of ${channel.name}: ${channel.platformSold} sold, ${channel.carts} in carts`
    const beyond = [...this.channels.values()].find(({ sold, cap }) => sold > cap)
    const moved = line.moves?.map(([from, to, units]) => `${units} ${from} -> ${to}`)
    return `${line.kind} ${moved?.join(', ') ?? ''}${beyond ? `; ${beyond.name} has sold more than its cap of ${beyond.cap}` : ''}`
  }
  outside = () => [...this.channels.values()].filter(({ joined, detached }) => !joined && !detached)
  finish() {
    demand(!this.undecided, `${this.undecided}. No cancellation since then has made room for it.`)
    const over = this.outside().find(({ confirmed, tooMuch }) => confirmed && tooMuch)
    const rest = `its exposure of ${over?.exposure} has not fitted into the capacity since`
    demand(!over, `Line ${Number(over?.confirmed)}: the service has confirmed a cap of ${over?.name}; ${rest}.`)
  }
}

/** Verifies an iterable of lines. Resolves with the report; rejects with what is wrong. */
export async function verify(record, expectedHash) {
  const chain = new Chain()
  const replay = new Replay()
  let expectedAt = 'no line'
  for await (const text of record) {
    const position = chain.length + 1
    try {
      replay.apply(chain.add(text), position)
    } catch (error) {
      throw new Rejected(`Line ${position}: ${error.message}.`)
    }
    if (chain.lastHash === expectedHash) expectedAt = `line ${position}`
  }
  demand(chain.length > 0, 'There is no line.')
  replay.finish()
  if (expectedHash === undefined || expectedHash === chain.lastHash) return report(replay, chain, expectedHash)
  const last = `Line ${chain.length}: the last hash is ${chain.lastHash}, not ${expectedHash}, which ${expectedAt} has`
  throw new Rejected(`${last}. The record was changed, or is from another time than that hash.`)
}

function report(replay, { length, lastHash }, expectedHash) {
  const { event, firstAt, lastAt, guaranteedFrom, tightest } = replay
  const sentences = [`${length} lines of ${event}, from ${firstAt} to ${lastAt}; the chain is complete.`]
  const until = guaranteedFrom ? `until ${guaranteedFrom}` : 'to the end'
  if (guaranteedFrom !== `line 1, ${firstAt}`)
    sentences.push(`Before the guarantee, ${until}: listings had caps that the service had not written.`)
  for (const { name, beyond: over } of [...replay.channels.values()].filter((one) => one.beyond))
    sentences.push(`Lines ${over.from}-${over.to}: ${over.most} of ${name} do not count (carts, early sales).`)
  for (const { name, confirmed, uncounted } of replay.outside()) {
    const open = uncounted > 0 ? 'whose sales under earlier caps are not counted' : 'found with more sold than fits'
    const reason = confirmed ? open : 'which has no confirmed cap of the service'
    sentences.push(`Not under the guarantee: ${name}, ${reason}.`)
  }
  for (const { name, assumedBy } of [...replay.channels.values()].filter((one) => one.assumedBy))
    sentences.push(`${name} was detached by the word of ${assumedBy}: what it could still sell does not count.`)
  sentences.push('At no line could more be sold than the capacity, by the channels under the guarantee.')
  if (tightest) sentences.push(`The tightest instant: ${tightest.text}.`)
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
