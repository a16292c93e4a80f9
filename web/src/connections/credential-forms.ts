import type { Schemas } from '../api/client'

export type ConnectedPlatform = Schemas['ConnectionDto']['platform']

export interface CredentialField {
  /** As the API calls it. */
  name: string
  label: string
  help?: string
  optional?: true
  /** Has several lines. */
  long?: true
}

/** One set of credentials that a platform takes. */
export interface CredentialForm {
  label: string
  /** Where they are found. */
  help: string
  fields: readonly CredentialField[]
}

/** Of each platform, the recommended one first. */
export const CREDENTIAL_FORMS: Record<ConnectedPlatform, readonly [CredentialForm, ...CredentialForm[]]> = {
  EVENTBRITE: [
    {
      label: 'Private token',
      help: 'On Eventbrite, in the account settings under developer links: make an API key and copy its private token. It may do what its owner may do.',
      fields: [{ name: 'token', label: 'Private token', help: 'Not the API key itself' }],
    },
  ],
  LUMA: [
    {
      label: 'Calendar key',
      help: 'On Luma, in the settings of the calendar: make an API key. The calendar needs the Luma Plus plan.',
      fields: [
        { name: 'apiKey', label: 'Calendar key' },
        {
          name: 'webhookSecret',
          label: 'Webhook secret',
          help: 'Only if you registered the webhook on Luma yourself: its secret, with whsec_. Empty: the service registers it.',
          optional: true,
        },
      ],
    },
  ],
  MEETUP: [
    {
      label: 'OAuth client',
      help: 'Needs Meetup Pro. On Meetup, make an OAuth client and a signing key for it. The client acts for the member who owns it, who must be allowed to edit the events.',
      fields: [
        { name: 'clientKey', label: 'Client key' },
        { name: 'memberId', label: 'Member id', help: 'Of the owner of the client' },
        { name: 'signingKeyId', label: 'Signing key id' },
        { name: 'privateKey', label: 'Private key', help: 'The whole text, with its first and last line', long: true },
      ],
    },
    {
      label: 'Access token',
      help: 'Works until it expires, and has to be replaced then. An OAuth client renews its own.',
      fields: [{ name: 'accessToken', label: 'Access token' }],
    },
  ],
  MANUAL: [
    {
      label: 'None',
      help: 'For listings without an API, such as Facebook, Partiful or a paper list. The service shows which cap to set there; a person sets it and confirms it with the tickets sold. One connection is enough for all of them.',
      fields: [],
    },
  ],
}
