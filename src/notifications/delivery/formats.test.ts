import { describe, expect, it } from 'vitest'
import type { Message } from '../message.js'
import { discordBody, mailOf, slackBody, webhookBody } from './formats.js'

const MESSAGE: Message = {
  id: 'msg_1',
  at: new Date('2030-01-31T08:00:00Z'),
  event: 'ALERT',
  title: 'Alert DRIFT: Tom & <@U1>',
  lines: ['**first** [link](https://evil.example.com)', 'and 3 more'],
  url: 'https://tickets.example.com/#/alerts',
  data: { count: 4 },
}
const LONG: Message = { ...MESSAGE, lines: ['x'.repeat(10_000)] }

describe('The form of a message', () => {
  it('for Slack has no mention or link but its own', () => {
    const { text } = slackBody(MESSAGE) as { text: string }
    expect(text.startsWith('*Alert DRIFT: Tom &amp; &lt;@U1&gt;*\n')).toBe(true)
    expect(text.endsWith('\n<https://tickets.example.com/#/alerts|Open>')).toBe(true)
  })

  it('for Discord has no mention or link but its own', () => {
    const { content, allowed_mentions } = discordBody(MESSAGE) as { content: string; allowed_mentions: object }
    expect(content).toContain(String.raw`\*\*first\*\* \[link\]\(https://evil.example.com\)`)
    expect(allowed_mentions).toEqual({ parse: [] })
  })

  it('is shortened to what is accepted, and keeps its link', () => {
    const { content } = discordBody(LONG) as { content: string }
    expect(content.length).toBe(2_000)
    expect(content.endsWith(`…\n<${LONG.url}>`)).toBe(true)
    expect((slackBody(LONG) as { text: string }).text.length).toBe(4_000)
  })

  it('for programs has the type, the time and the data', () => {
    expect(webhookBody(MESSAGE)).toMatchObject({
      id: 'msg_1',
      type: 'ALERT',
      timestamp: '2030-01-31T08:00:00.000Z',
      data: { title: MESSAGE.title, url: MESSAGE.url, count: 4 },
    })
  })

  it('for mails has the title as subject', () => {
    expect(mailOf(MESSAGE)).toEqual({
      subject: MESSAGE.title,
      text: `${[MESSAGE.title, ...MESSAGE.lines, MESSAGE.url].join('\n\n')}\n`,
    })
  })
})
