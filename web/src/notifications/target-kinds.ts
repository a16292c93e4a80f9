import type { Schemas } from '../api/client'

export type Target = Schemas['NotificationDto']
export type TargetKind = Target['kind']
export type TargetEvent = Target['events'][number]

interface KindTexts {
  name: string
  /** What its address is called, within a sentence. */
  address: string
  /** Where the address is found. */
  help: string
  inputMode: 'url' | 'email'
}

/** In the order of the choice. */
export const TARGET_KINDS: Record<TargetKind, KindTexts> = {
  SLACK: {
    name: 'Slack channel',
    address: 'webhook URL',
    help: 'On Slack, add an incoming webhook to the channel and copy its URL. All who know it can post there: it is stored encrypted and shown shortened.',
    inputMode: 'url',
  },
  DISCORD: {
    name: 'Discord channel',
    address: 'webhook URL',
    help: 'On Discord, in the settings of the channel under integrations: make a webhook and copy its URL. All who know it can post there: it is stored encrypted and shown shortened.',
    inputMode: 'url',
  },
  EMAIL: {
    name: 'E-mail',
    address: 'e-mail address',
    help: 'Of a person or a list. If the service has no mail server, its mails are written to its log only.',
    inputMode: 'email',
  },
  WEBHOOK: {
    name: 'Signed webhook',
    address: 'URL',
    help: 'Messages are posted to it as JSON, signed as Standard Webhooks. The secret to check them with is shown after adding.',
    inputMode: 'url',
  },
}

interface EventTexts {
  name: string
  help: string
}

/** In the order of every list. */
export const TARGET_EVENTS: Record<TargetEvent, EventTexts> = {
  ALERT: { name: 'Problems', help: 'Alerts. Those with one cause share a message.' },
  RESOLVED: { name: 'Solved problems', help: 'The end of each problem that was sent.' },
  MILESTONE: { name: 'Milestones', help: 'An event is half sold, reaches its soft cap or is sold out.' },
  DIGEST: { name: 'Daily digest', help: 'The sales of each open event, at 08:00 in its time zone.' },
}

/** What a new target is notified of, unless it is changed. */
export const USUAL_EVENTS: TargetEvent[] = ['ALERT', 'RESOLVED', 'MILESTONE']

export function inDisplayOrder(events: readonly string[]): TargetEvent[] {
  return (Object.keys(TARGET_EVENTS) as TargetEvent[]).filter((event) => events.includes(event))
}
