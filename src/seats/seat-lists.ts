import { createHash } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import pLimit from 'p-limit'
import { eventNotFound } from '../domain/errors.js'
import { asOwnWork } from '../infrastructure/work-class.js'
import { SeatStore } from './seat-store.js'

/** The list of an event's seats as its response, which all requests share that it is new enough for. */
export interface SeatList {
  /** The list contains every change up to this version of the event's seats. */
  version: number
  /** JSON. A chart of 50,000 seats has about 2 MB. */
  body: Buffer
  /** Of the content: the same list has the same one, whichever process has read it. */
  etag: string
}

/** The lists that were used last are kept. */
const MAX_LISTS = 16
/** Lists that are read at once. */
const MAX_READS = 2

/** Seat lists for any number of requests: the memory and the queries they cost do not grow with their number. */
@Injectable()
export class SeatLists {
  private readonly lists = new Map<string, SeatList>()
  private readonly reads = new Map<string, Promise<SeatList>>()
  private readonly turn = pLimit(MAX_READS)

  constructor(private readonly seats: SeatStore) {}

  /** Shows what was committed before the call. Throws NotFound for an unknown event. */
  async get(eventId: string): Promise<SeatList> {
    const version = await this.versionOf(eventId)
    let list = this.lists.get(eventId)
    // A read that has started already may lack the last change; the one after it does not.
    while (!list || list.version < version) list = await (this.reads.get(eventId) ?? this.startRead(eventId))
    this.keep(eventId, list)
    return list
  }

  /** Serves several callers, and is the service's own work for that reason. */
  private startRead(eventId: string): Promise<SeatList> {
    const read = asOwnWork(() => this.turn(() => this.read(eventId))).finally(() => this.reads.delete(eventId))
    this.reads.set(eventId, read)
    return read
  }

  private async read(eventId: string): Promise<SeatList> {
    // Before the seats, so that they are at least as new.
    const version = await this.versionOf(eventId)
    const items = await this.seats.list(eventId)
    const body = Buffer.from(JSON.stringify({ items, nextCursor: null }))
    const list = { version, body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` }
    this.keep(eventId, list)
    return list
  }

  private keep(eventId: string, list: SeatList): void {
    const kept = this.lists.get(eventId)
    this.lists.delete(eventId)
    this.lists.set(eventId, kept && kept.version > list.version ? kept : list)
    const [oldest] = this.lists.keys()
    if (this.lists.size > MAX_LISTS && oldest !== undefined) this.lists.delete(oldest)
  }

  private async versionOf(eventId: string): Promise<number> {
    const version = await this.seats.version(eventId)
    if (version === null) throw eventNotFound()
    return version
  }
}
