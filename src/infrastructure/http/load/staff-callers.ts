import { Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'

/**
 * Recognizes requests of staff before anything is read for them. It decides which capacity a request uses, never what it may
 * do: access is checked by the guard of the accounts.
 */
@Injectable()
export class StaffCallers {
  private check: (request: FastifyRequest) => boolean = () => false

  /** `check` must not be deceivable by others, and takes no longer than verifying a signature. */
  recognizeBy(check: (request: FastifyRequest) => boolean): void {
    this.check = check
  }

  isStaff(request: FastifyRequest): boolean {
    return this.check(request)
  }
}
