import { email, rateLimit } from '../env-parsers.js'
import { strongSecret } from '../strong-secret.js'
import { secret, variable } from '../variable.js'

export const accounts = {
  AUTH_SECRET: secret(strongSecret(16), {
    unset: 'generated in `DATA_DIR`; required when both servers are external',
    example: '<at least 16 random characters>',
    description:
      'Key that signs access tokens and links, at least 16 characters that are hard to guess, the same for every process.',
  }),
  ADMIN_EMAIL: variable(email, {
    default: 'admin@example.com',
    description: 'E-mail address of the first admin, who is created only if there is no operator.',
  }),
  ADMIN_PASSWORD: secret(strongSecret(10, 200), {
    unset: 'generated, printed once',
    example: '<10 to 200 characters>',
    description: 'Password of the first admin, 10 to 200 characters that are hard to guess.',
  }),
  CUSTOMER_RATE_LIMIT: variable(rateLimit, {
    default: '60/60',
    description:
      'Calls of one customer account that change something, as calls/seconds, counted in each process; further ones get 429.',
  }),
}
