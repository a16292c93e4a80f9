import { list, privateKey, rateLimit, signingSecrets, text, url } from '../env-parsers.js'
import { optional, secret, variable } from '../variable.js'

export const eventbrite = {
  EVENTBRITE_API_URL: variable(url('http', 'https'), {
    default: 'https://www.eventbriteapi.com/v3',
    description: 'Base address of the API.',
  }),
  EVENTBRITE_TOKEN: secret(text(), { description: 'Private token of the API key.' }),
  EVENTBRITE_WEBHOOK_TOKEN: secret(text(), {
    example: '<at least 16 random characters>',
    description:
      'Secret last path segment of the webhook address, which authenticates deliveries, at least 16 characters.',
  }),
  EVENTBRITE_RATE_LIMIT: variable(rateLimit, {
    default: '2000/3600',
    description: 'Calls per window, as calls/seconds.',
  }),
}

export const luma = {
  LUMA_API_URL: variable(url('http', 'https'), {
    default: 'https://public-api.luma.com',
    description: 'Base address of the API.',
  }),
  LUMA_API_KEY: secret(text(), { description: 'API key of the calendar.' }),
  LUMA_WEBHOOK_SECRET: secret(list, {
    example: '<the secret>,<the one before>',
    description: 'Secret that signs webhooks, complete with `whsec_`; several, separated by commas, during a rotation.',
  }),
  LUMA_RATE_LIMIT: variable(rateLimit, { default: '200/60', description: 'Calls per window, as calls/seconds.' }),
}

export const meetup = {
  MEETUP_API_URL: variable(url('http', 'https'), {
    default: 'https://api.meetup.com/gql-ext',
    description: 'Address of the GraphQL API.',
  }),
  MEETUP_ACCESS_TOKEN: secret(text(), {
    description:
      'OAuth access token, used until it expires; the four variables of the OAuth client below renew theirs.',
  }),
  MEETUP_CLIENT_KEY: optional(text(), {
    example: 'abc123',
    description: 'Key of the OAuth client; requires the three variables that follow.',
  }),
  MEETUP_MEMBER_ID: optional(text(), {
    example: '12345678',
    description: 'Id of the member who owns the OAuth client.',
  }),
  MEETUP_SIGNING_KEY_ID: optional(text(), {
    example: 'key-1',
    description: 'Id of the signing key of the OAuth client.',
  }),
  MEETUP_PRIVATE_KEY: secret(privateKey, {
    example: String.raw`-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----`,
    description: 'Private part of the signing key in PEM form; line breaks may be written as `\\n`.',
  }),
  MEETUP_TOKEN_URL: variable(url('http', 'https'), {
    default: 'https://secure.meetup.com/oauth2/access',
    description: 'Address that issues access tokens.',
  }),
  MEETUP_WEBHOOK_SECRET: secret(signingSecrets, {
    example: 'whsec_<base64 of 32 random bytes>',
    description: 'Standard Webhooks secret of a bridge that reports RSVPs; several separated by commas.',
  }),
  MEETUP_RATE_LIMIT: variable(rateLimit, { default: '500/60', description: 'Points per window, as points/seconds.' }),
}
