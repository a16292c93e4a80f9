import type { FastifyReply, FastifyRequest } from 'fastify'
import { NotFound } from '../domain/errors.js'
import { acceptsGzip } from '../infrastructure/http/requests/accepts-gzip.js'
import type { PageFile } from './page-files.js'

/** The body of a built file, compressed for clients that accept it; sets its headers. Throws NotFound without a file. */
export function sendFile(request: FastifyRequest, reply: FastifyReply, file: PageFile | null, caching: string): Buffer {
  if (!file) throw new NotFound('There is nothing at this address.')
  void reply.header('content-type', file.type).header('cache-control', caching).header('vary', 'accept-encoding')
  const gzipped = acceptsGzip(request) ? file.gzipped : null
  if (gzipped) void reply.header('content-encoding', 'gzip')
  return gzipped ?? file.body
}
