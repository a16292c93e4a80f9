/** One queue per kind of work; each has a hash tag of its own, so that a Redis Cluster spreads them. */
export const QUEUES = {
  /** Verified deliveries, as they came in. */
  deliveries: 'deliveries',
  /** What to read from a platform: one order, or what changed on a listing. */
  reads: 'reads',
  /** Channels whose cap or mode is to be brought in step, per lane. */
  protect: 'caps-protect',
  grow: 'caps-grow',
  /** Events with holds that are due to expire. */
  holds: 'holds',
  /** Payments that can be taken a step further. */
  payments: 'payments',
  /** Mails that are due. */
  mails: 'mails',
} as const

export type QueueName = (typeof QUEUES)[keyof typeof QUEUES]

export const queuePrefix = (name: QueueName) => `{traffic-police:${name}}`
