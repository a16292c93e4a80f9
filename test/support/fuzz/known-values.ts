/** As the service makes them: a kind and an ordered UUID. */
const ID = /\b([a-z]{2,9})_[0-9a-f]{32}\b/g
/** Of each kind; the newest are kept, as older things are often closed or used up. */
export const KEPT_IDS = 12

/** By the path segment before a parameter. */
const KIND_BY_SEGMENT: Readonly<Record<string, string>> = {
  events: 'evt',
  holds: 'hld',
  orders: 'ord',
  tickets: 'tkt',
  payments: 'pay',
  waitlist: 'wle',
  releases: 'rel',
  runs: 'run',
  sessions: 'ses',
  operators: 'usr',
  customers: 'usr',
  alerts: 'alr',
  deliveries: 'dlv',
  quarantine: 'qtn',
  channels: 'chn',
}

/** Ids that responses had, for paths and bodies of later requests. */
export class KnownValues {
  private readonly ids = new Map<string, string[]>()

  /** `hidden` ids are never used: those of the accounts that send the requests. */
  constructor(private readonly hidden: ReadonlySet<string>) {}

  learn(responseText: string): void {
    for (const [id, kind] of responseText.matchAll(ID)) {
      const known = this.ids.get(kind ?? '') ?? []
      if (this.hidden.has(id) || known.includes(id)) continue
      this.ids.set(kind ?? '', [id, ...known].slice(0, KEPT_IDS))
    }
  }

  /** An id for the parameter after this path segment; undefined: none is known. */
  forSegment(segment: string, choice: number): string | undefined {
    return this.ofKind(KIND_BY_SEGMENT[segment] ?? '', choice)
  }

  /** An id of any kind. */
  any(choice: number): string | undefined {
    const kinds = [...this.ids.keys()]
    return this.ofKind(kinds[choice % Math.max(1, kinds.length)] ?? '', choice)
  }

  private ofKind(kind: string, choice: number): string | undefined {
    const known = this.ids.get(kind) ?? []
    return known[choice % Math.max(1, known.length)]
  }
}
