import { escapeMarkup } from '../../infrastructure/text/escape-markup.js'
import type { Message } from '../message.js'

/** The limit of Discord; Slack accepts 40,000 characters and shows 4,000. */
const MAX_DISCORD_LENGTH = 2_000
const MAX_SLACK_LENGTH = 4_000
const SHORTENED = '…'

/** `&`, `<` and `>` introduce mentions and links. */
export function slackBody({ title, lines, url }: Message): object {
  const link = `\n<${url}|Open>`
  const text = [`*${escapeMarkup(title)}*`, ...lines.map(escapeMarkup)].join('\n')
  return { text: shortened(text, MAX_SLACK_LENGTH - link.length) + link, unfurl_links: false, unfurl_media: false }
}

/** Without mentions, whatever the names of events contain; angle brackets keep a link from being embedded. */
export function discordBody({ title, lines, url }: Message): object {
  const escaped = (text: string) => text.replaceAll(/[\\*_~`|>[\]()#]/g, String.raw`\$&`)
  const link = `\n<${url}>`
  const text = [`**${escaped(title)}**`, ...lines.map(escaped)].join('\n')
  return { content: shortened(text, MAX_DISCORD_LENGTH - link.length) + link, allowed_mentions: { parse: [] } }
}

export function mailOf({ title, lines, url }: Message): { subject: string; text: string } {
  return { subject: title, text: `${[title, ...lines, url].join('\n\n')}\n` }
}

/** The envelope that Standard Webhooks recommends. */
export function webhookBody({ id, at, event, title, lines, url, data }: Message): object {
  return { id, type: event, timestamp: at.toISOString(), data: { title, text: lines.join('\n'), url, ...data } }
}

function shortened(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : text.slice(0, maxLength - SHORTENED.length) + SHORTENED
}
