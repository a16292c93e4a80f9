import helmet from '@fastify/helmet'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply } from 'fastify'

const STRICT = {
  defaultSrc: ["'self'"],
  baseUri: ["'none'"],
  connectSrc: ["'self'"],
  fontSrc: ["'self'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  imgSrc: ["'self'", 'data:'],
  objectSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
}

/** What a page with Stripe's card form loads, and where that form shows an authentication (3-D Secure). */
const STRIPE_FORM = {
  'script-src': ['https://js.stripe.com', 'https://*.js.stripe.com'],
  'frame-src': ["'self'", 'https://js.stripe.com', 'https://*.js.stripe.com', 'https://hooks.stripe.com'],
  'connect-src': ['https://api.stripe.com'],
}

/** As Helmet sets it. */
const HSTS = 'max-age=31536000; includeSubDomains'

interface SecurityHeaderOptions {
  https: boolean
  /** Whether the page of an offer contains Stripe's card form. */
  stripeForm: boolean
}

/**
 * Sets security headers on every response. Only the API page may use inline styles, which its library generates, and only
 * the page of an offer may load Stripe's card form.
 */
export async function registerSecurityHeaders(
  app: NestFastifyApplication,
  options: SecurityHeaderOptions,
): Promise<void> {
  const headers = await helmetHeaders(options.https)
  const server = app.getHttpAdapter().getInstance()
  server.addHook('onRequest', (_request, reply, done) => {
    // On the raw response: event streams write theirs without Fastify.
    for (const [name, value] of headers) reply.raw.setHeader(name, value)
    done()
  })
  server.addHook('onSend', (request, reply, _payload, done) => {
    // Behind a proxy that ends TLS, whatever PUBLIC_URL is.
    if (!options.https && request.protocol === 'https') void reply.header('strict-transport-security', HSTS)
    const policy = reply.getHeader('content-security-policy')
    if (typeof policy === 'string') {
      if (/^\/docs(\/|\?|$)/.test(request.url))
        setPolicy(reply, withSources(policy, { 'style-src': ["'unsafe-inline'"] }))
      if (options.stripeForm && /^\/claim(\?|$)/.test(request.url)) setPolicy(reply, withSources(policy, STRIPE_FORM))
    }
    done()
  })
}

/** What Helmet sets: the same for every response, while Helmet would compose it for each. */
async function helmetHeaders(https: boolean): Promise<[name: string, value: string][]> {
  const server = new FastifyAdapter().getInstance()
  await server.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: STRICT },
    strictTransportSecurity: https,
    crossOriginEmbedderPolicy: false,
  })
  let headers: [string, string][] = []
  server.get('/', (_request, reply) => {
    headers = Object.entries(reply.raw.getHeaders()).map(([name, value]) => [name, String(value)])
    return reply.send()
  })
  await server.inject('/')
  await server.close()
  return headers
}

function setPolicy(reply: FastifyReply, policy: string): void {
  void reply.header('content-security-policy', policy)
}

/** A policy that allows more sources; a directive that it lacks is added. */
function withSources(policy: string, more: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(more).reduce((result, [directive, sources]) => {
    const allowed = sources.join(' ')
    const present = new RegExp(`${directive} [^;]*`).exec(result)?.[0]
    return present ? result.replace(present, `${present} ${allowed}`) : `${result};${directive} ${allowed}`
  }, policy)
}
