/** One queue per kind of work; each has its own hash tag, so that a Redis Cluster distributes them. */
export const QUEUES = {
  /** Verified webhook deliveries, unparsed. */
  deliveries: 'deliveries',
  /** Reads from a platform: one order, or the changes of a listing. */
  reads: 'reads',
  /** Channels whose cap or mode must be synced, per lane. */
  protect: 'caps-protect',
  grow: 'caps-grow',
  /** Payments with a pending step. */
  payments: 'payments',
  /** Unsent mails. */
  mails: 'mails',
} as const

export type QueueName = (typeof QUEUES)[keyof typeof QUEUES]

export const queuePrefix = (name: QueueName) => `{traffic-police:${name}}`
