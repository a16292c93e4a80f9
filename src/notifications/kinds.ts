export const TARGET_KINDS = ['SLACK', 'DISCORD', 'EMAIL', 'WEBHOOK'] as const
export type TargetKind = (typeof TARGET_KINDS)[number]

/** What a target may be notified of. */
export const NOTIFICATION_EVENTS = ['ALERT', 'RESOLVED', 'MILESTONE', 'DIGEST'] as const
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number]

/** Of a message; TEST: requested by an admin. */
export type MessageEvent = NotificationEvent | 'TEST'
