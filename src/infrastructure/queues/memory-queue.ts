import type { JobOptions } from './job-queues.js'
import { KEPT_FAILURES } from './job-rules.js'

export interface StoredJob extends JobOptions {
  readonly id: string
  /** As JSON. */
  readonly data: string
  /** ms since 1970. */
  readonly addedAt: number
  startedAt: number | null
  failures: number
  /** Of the last failure. */
  failedReason: string
  /** How often the process that ran it was lost. */
  stalls: number
}

/** The jobs of one queue in memory. Times are in ms since 1970. */
export class MemoryQueue {
  /** Ready to run, in order. */
  readonly waiting: StoredJob[] = []
  /** Not due yet: when they are. */
  readonly delayed = new Map<StoredJob, number>()
  readonly active = new Set<StoredJob>()
  /** All that have not completed, failed ones included. */
  private readonly jobs = new Map<string, StoredJob>()
  /** The kept failed jobs, oldest first. */
  private failures: { id: string; at: number }[] = []
  /** Deduplication ids in force: of which job, and until when; null: until it has finished. */
  private readonly deduplications = new Map<string, { jobId: string; until: number | null }>()
  private lastId = 0

  get failed(): number {
    return this.failures.length
  }

  /** The stored job, neither waiting nor delayed yet; null: it is ignored because of its id or its deduplication id. */
  store(data: string, options: JobOptions, now: number): StoredJob | null {
    const id = options.id ?? String(++this.lastId)
    if (this.jobs.has(id) || this.isDeduplicated(options.deduplication?.id, now)) return null
    const job: StoredJob = {
      ...options,
      id,
      data,
      addedAt: now,
      startedAt: null,
      failures: 0,
      failedReason: '',
      stalls: 0,
    }
    this.jobs.set(id, job)
    if (job.deduplication) {
      const { id: deduplicationId, ttlMs = 0 } = job.deduplication
      this.deduplications.set(deduplicationId, { jobId: id, until: ttlMs > 0 ? now + ttlMs : null })
    }
    return job
  }

  /** Moves the jobs that are due by now to those that wait, in the order of their times. */
  promote(now: number): void {
    const due = [...this.delayed].filter(([, at]) => at <= now).toSorted(([, a], [, b]) => a - b)
    for (const [job] of due) {
      this.delayed.delete(job)
      this.waiting.push(job)
    }
  }

  /** Stores a copy in place of the job, and returns it. */
  replace(job: StoredJob): StoredJob {
    const copy = { ...job }
    this.jobs.set(job.id, copy)
    return copy
  }

  copy(): MemoryQueue {
    const copy = new MemoryQueue()
    for (const [id, job] of this.jobs) copy.jobs.set(id, { ...job })
    const own = ({ id }: StoredJob) => copy.jobs.get(id) ?? []
    copy.waiting.push(...this.waiting.flatMap(own))
    for (const [job, at] of this.delayed) for (const copied of [own(job)].flat()) copy.delayed.set(copied, at)
    for (const job of [...this.active].flatMap(own)) copy.active.add(job)
    copy.failures = [...this.failures]
    for (const [id, inForce] of this.deduplications) copy.deduplications.set(id, { ...inForce })
    copy.lastId = this.lastId
    return copy
  }

  complete(job: StoredJob, now: number): void {
    this.endDeduplication(job, now)
    this.jobs.delete(job.id)
  }

  /** Records the final failure. */
  fail(job: StoredJob, now: number): void {
    this.endDeduplication(job, now)
    if (job.keepFailed === false) {
      this.jobs.delete(job.id)
      return
    }
    const oldest = now - KEPT_FAILURES.ageSeconds * 1_000
    const kept = [...this.failures, { id: job.id, at: now }]
    this.failures = kept.slice(-KEPT_FAILURES.count).filter(({ at }) => at > oldest)
    for (const { id } of kept.slice(0, kept.length - this.failures.length)) this.jobs.delete(id)
  }

  failedBetween(from: number, before: number): { job: StoredJob; failedAt: number }[] {
    return this.failures.flatMap(({ id, at }) => {
      const job = at >= from && at < before ? this.jobs.get(id) : undefined
      return job ? [{ job, failedAt: at }] : []
    })
  }

  /** Deletes a kept failed job, and with it the deduplication by its id. */
  remove({ id, deduplication }: StoredJob): void {
    if (!this.failures.some((failure) => failure.id === id)) return
    this.failures = this.failures.filter((failure) => failure.id !== id)
    this.jobs.delete(id)
    if (deduplication && this.deduplications.get(deduplication.id)?.jobId === id)
      this.deduplications.delete(deduplication.id)
  }

  private isDeduplicated(id: string | undefined, now: number): boolean {
    if (id === undefined) return false
    const inForce = this.deduplications.get(id)
    if (!inForce) return false
    if (inForce.until === null || inForce.until > now) return true
    this.deduplications.delete(id)
    return false
  }

  /** One with a time ends at that time only. */
  private endDeduplication({ id, deduplication }: StoredJob, now: number): void {
    if (!deduplication) return
    const inForce = this.deduplications.get(deduplication.id)
    if (inForce?.jobId !== id) return
    if (inForce.until === null || inForce.until <= now) this.deduplications.delete(deduplication.id)
  }
}
