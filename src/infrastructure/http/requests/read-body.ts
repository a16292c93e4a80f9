import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { PayloadTooLarge, ValidationFailed } from '../../../domain/errors.js'
import { clientOfRequest } from '../clients/client-address.js'
import type { BodyIntake, IncomingBody } from '../load/body-intake.js'

export const BODY_LIMIT_BYTES = 1024 * 1024

/**
 * Reads a body of at most 1 MiB. It is counted in `intake` until the caller closes what `onOpen` receives. Rejects with
 * PayloadTooLarge, with ValidationFailed when the client ends early, and with Unavailable when it had to give way to others.
 */
export function readBody(
  request: FastifyRequest,
  payload: Readable,
  intake: BodyIntake,
  onOpen: (body: IncomingBody) => void,
): Promise<Buffer> {
  if (Number(request.headers['content-length']) > BODY_LIMIT_BYTES) return Promise.reject(tooLarge())
  // The connection may have ended between the headers and here.
  if (payload.destroyed && !payload.readableEnded) return Promise.reject(incomplete())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const stop = () => payload.off('data', onData).off('end', onEnd).off('error', onError).off('close', onError)
    const fail = (error: Error) => {
      stop()
      chunks.length = 0
      intake.close(body)
      reject(error)
    }
    const body = intake.open(clientOfRequest(request), fail)
    const onData = (chunk: Buffer) => {
      length += chunk.length
      if (length > BODY_LIMIT_BYTES) return fail(tooLarge())
      chunks.push(chunk)
      return intake.receive(body, chunk.length)
    }
    const onEnd = () => {
      stop()
      intake.complete(body)
      // A copy: a chunk is a view of what was read from the socket.
      resolve(Buffer.concat(chunks, length))
    }
    const onError = () => fail(incomplete())
    onOpen(body)
    payload.on('data', onData).on('end', onEnd).on('error', onError).on('close', onError)
  })
}

function tooLarge(): PayloadTooLarge {
  return new PayloadTooLarge('A body may have at most 1 MiB.')
}

function incomplete(): ValidationFailed {
  return ValidationFailed.of('body', 'is not complete')
}
