import { Injectable } from '@nestjs/common'
import { StaffCallers } from '../infrastructure/http/load/staff-callers.js'
import { readToken } from './access.guard.js'
import { SessionCookie } from './login/session-cookie.js'
import { Tokens } from './login/tokens.js'

/** Lets the HTTP server recognize staff by their tokens, so that other callers cannot take the capacity that they need. */
@Injectable()
export class StaffRecognition {
  constructor(staff: StaffCallers, tokens: Tokens, cookie: SessionCookie) {
    staff.recognizeBy((request) => {
      const token = readToken(request, cookie)
      return token !== null && tokens.isOfStaff(token)
    })
  }
}
