import { describe, expect, it } from 'vitest'
import { redactHeaders, redactText, redactUrl } from './redact.js'

describe('redaction', () => {
  it('redacts credentials in headers with names in any case', () => {
    const headers = {
      Authorization: 'Bearer abc.DEF-123',
      'X-Luma-Api-Key': 'luma-secret',
      'x-rate-limit': 'token:ABC123 22/2000 reset=3533s, key:DEF456 23/2000 reset=3533s',
      'content-type': 'application/json',
    }
    expect(redactHeaders(headers)).toEqual({
      Authorization: '[redacted]',
      'X-Luma-Api-Key': '[redacted]',
      'x-rate-limit': 'token:[redacted] 22/2000 reset=3533s, key:[redacted] 23/2000 reset=3533s',
      'content-type': 'application/json',
    })
  })

  it('redacts tokens and passwords in URLs, and nothing else', () => {
    expect(redactUrl('https://user:pw@api.example.com/v3/events/1/?token=abc&page=2&access_token=d')).toBe(
      'https://[redacted]@api.example.com/v3/events/1/?token=[redacted]&page=2&access_token=[redacted]',
    )
    expect(redactUrl('https://me.example.com/webhooks/eventbrite/s3cret')).toBe(
      'https://me.example.com/webhooks/eventbrite/[redacted]',
    )
    const harmless = 'https://api.example.com/v1/guests?event_id=evt-1&sort_key=a@b'
    expect(redactUrl(harmless)).toBe(harmless)
  })

  it('redacts tokens in text and JSON', () => {
    const text = 'sent "Bearer abc" and {"access_token": "x.y", "client_secret":"z", "name":"kept"}'
    expect(redactText(text)).toBe(
      'sent "Bearer [redacted]" and {"access_token": "[redacted]", "client_secret":"[redacted]", "name":"kept"}',
    )
  })
})
