import helmet from '@fastify/helmet'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'

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

/** Sets security headers on every response. Only the API page may use inline styles, which its library generates. */
export async function registerSecurityHeaders(app: NestFastifyApplication, https: boolean): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: STRICT },
    strictTransportSecurity: https,
    crossOriginEmbedderPolicy: false,
  })
  const server = app.getHttpAdapter().getInstance()
  server.addHook('onSend', (request, reply, _payload, done) => {
    const policy = reply.getHeader('content-security-policy')
    if (/^\/docs(\/|\?|$)/.test(request.url) && typeof policy === 'string') {
      void reply.header(
        'content-security-policy',
        policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
      )
    }
    done()
  })
}
