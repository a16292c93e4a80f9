import { text, url } from '../env-parsers.js'
import { optional, secret, variable } from '../variable.js'

export const stripe = {
  STRIPE_SECRET_KEY: secret(text(), {
    unset: 'simulated payments',
    description: 'Secret API key; it enables payments through Stripe on the direct channel.',
  }),
  STRIPE_WEBHOOK_SECRET: secret(text(), { description: 'Secret that signs the webhooks of Stripe.' }),
  STRIPE_API_URL: variable(url('http', 'https'), {
    default: 'https://api.stripe.com',
    description: 'Base address of the API.',
  }),
}

export const mail = {
  SMTP_URL: optional(url('smtp', 'smtps'), {
    unset: 'mails are written to the log',
    example: 'smtp://user:password@mail.example.com:587',
    description: 'Server that sends tickets and waitlist offers.',
  }),
  MAIL_FROM: optional(text(3, 320), {
    example: 'Tickets <tickets@example.com>',
    description: 'Sender of mails; required with `SMTP_URL`.',
  }),
}
