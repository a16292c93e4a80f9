/** Credentials that the simulated platforms accept, and secrets that sign their webhooks. */
export const CREDENTIALS = {
  eventbriteToken: 'simulated-eventbrite-token',
  eventbriteWebhookToken: 'simulated-webhook-token',
  lumaKey: 'simulated-luma-key',
  meetupToken: 'simulated-meetup-token',
} as const
