import { email, list, rateLimit, text } from '../env-parsers.js'
import { secret, variable } from '../variable.js'

export const accounts = {
  AUTH_SECRET: secret(text(16), {
    unset: 'generated in `DATA_DIR`; required when both servers are external',
    example: '<at least 16 random characters>',
    description:
      'Key that signs access tokens and links, at least 16 characters that are hard to guess, the same for every process.',
  }),
  ENCRYPTION_KEY: secret(list, {
    unset: 'generated in `DATA_DIR`; with an external database derived from `AUTH_SECRET`',
    example: '<at least 32 random characters>,<the one before>',
    description:
      'Key that encrypts stored credentials of platforms, at least 32 characters, the same for every process; several, separated by commas, the newest first, until `ops secrets rotate` has run.',
  }),
  ADMIN_EMAIL: variable(email, {
    default: 'admin@example.com',
    description: 'E-mail address of the first admin, who is created only if there is no operator.',
  }),
  ADMIN_PASSWORD: secret(text(8, 200), {
    unset: 'generated, printed once',
    example: '<10 to 200 random characters>',
    description:
      'Password of the first admin, 8 to 200 characters; at least 10 that are hard to guess where other machines reach the service.',
  }),
  CUSTOMER_RATE_LIMIT: variable(rateLimit, {
    default: '60/60',
    description:
      'Calls of one customer account that change something, as calls/seconds, counted in each process; further ones get 429.',
  }),
}
