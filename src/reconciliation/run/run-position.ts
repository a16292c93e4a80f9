/**
 * Up to which event a run is done, in the order of their ids, although events that were started later may be done earlier:
 * an interrupted run resumes there, and repeats those.
 */
export class RunPosition {
  private readonly started: string[] = []
  private readonly completed = new Set<string>()

  constructor(
    /** The last event up to which all are done; null: none is. */
    private last: string | null,
    /** How many that are. */
    private count: number,
  ) {}

  get current(): { position: string | null; eventsDone: number } {
    return { position: this.last, eventsDone: this.count }
  }

  /** In the order of their ids. */
  start(eventId: string): void {
    this.started.push(eventId)
  }

  /** Returns by how many events the position advances. */
  complete(eventId: string): number {
    this.completed.add(eventId)
    const open = this.started.findIndex((id) => !this.completed.has(id))
    const done = this.started.splice(0, open === -1 ? this.started.length : open)
    for (const id of done) this.completed.delete(id)
    this.last = done.at(-1) ?? this.last
    this.count += done.length
    return done.length
  }
}
