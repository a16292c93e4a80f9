import { PAYMENT_METHODS } from '../config.js'
import { oneOf, text, url } from '../env-parsers.js'
import { optional, secret, variable } from '../variable.js'

export const payments = {
  PAYMENTS: optional(oneOf(...PAYMENT_METHODS), {
    unset: '`stripe` with a Stripe key, else `simulated` with `DEMO` on, else `none`',
    example: 'stripe',
    description:
      'How buyers of the direct channel pay. `none`: tickets with a price are not sold there; `simulated` moves no money.',
  }),
  STRIPE_SECRET_KEY: secret(text(), {
    description: 'Secret API key; it enables payments through Stripe on the direct channel.',
  }),
  STRIPE_PUBLISHABLE_KEY: optional(text(1, 500), {
    unset: 'no card form on the page of a waitlist offer',
    example: 'pk_live_51...',
    description: "Publishable API key; pages load Stripe's card form with it.",
  }),
  STRIPE_WEBHOOK_SECRET: secret(text(), {
    description: 'Secret that signs the webhooks of Stripe; without it refunds and disputes made there are not seen.',
  }),
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

export const notifications = {
  ALLOW_PRIVATE_TARGETS: variable(oneOf('on', 'off'), {
    default: 'off',
    description:
      'Whether notifications may be sent to private, link-local and loopback addresses, e.g. to a receiver in the same network.',
  }),
}
